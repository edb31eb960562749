#pragma once
// Includes torch::autograd::Function. Include this file instead of LibTorch's header: although that is a
// system header, g++ 13 and 14 falsely report out-of-bounds accesses to its std::vector<bool>.

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <torch/csrc/autograd/custom_function.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
