#pragma once
// Includes the LibTorch headers that the whole project uses. torch/torch.h would add five seconds of compile
// time per source file for instantiating unused templates; these headers add two. Optimisers, containers and
// custom autograd functions are included where they are used.

#include <torch/cuda.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>
#include <torch/utils.h>
