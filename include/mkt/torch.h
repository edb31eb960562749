#pragma once
// The parts of LibTorch that all of this project builds on. torch/torch.h would cost every source file five
// seconds of instantiating templates that nobody calls; these cost two. Optimisers, containers and custom
// autograd functions are included where they are used.

#include <torch/cuda.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>
#include <torch/utils.h>
