#pragma once
// torch::autograd::Function. Include this instead of LibTorch's header: g++ 13 and 14 report accesses out of
// bounds in its std::vector<bool>, which has none, although it is a system header.

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <torch/csrc/autograd/custom_function.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
