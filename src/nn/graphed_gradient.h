#pragma once
// Runs functions and their backward passes as CUDA graphs.

#include "mkt/torch.h"

#include <functional>
#include <memory>
#include <vector>

namespace mkt::nn {

/// Functions of an input whose kernels never change, forward and backward. Each is recorded when it is
/// called on a GPU for the second time in a row with a shape, and then replayed for that shape
/// (GraphedFunction); the graphs of all functions share memory. Otherwise, on a CPU, and in a build without
/// CUDA's headers, the functions are called. The values are those of the functions and of autograd.
class GraphedGradient {
 public:
  using Tensors = std::vector<torch::Tensor>;
  /// Computes tensors from the input and the parameters, with autograd: the same kernels for each input, no
  /// wait for the device.
  using Function = std::function<Tensors(const torch::Tensor& input)>;

  explicit GraphedGradient(std::size_t functions = 0);
  ~GraphedGradient();
  GraphedGradient(GraphedGradient&&) noexcept;
  GraphedGradient& operator=(GraphedGradient&&) noexcept;

  /// Returns the values of function `index`, without autograd graph. They are valid until the next call with
  /// this index.
  Tensors forward(std::size_t index, const torch::Tensor& input, const Tensors& parameters,
                  const Function& function);
  /// Adds the gradients of `parameters` to theirs, for `gradients` of the values of the last forward();
  /// undefined ones are zero. Throws ValueError if another function, or none, was called last.
  void backward(std::size_t index, const Tensors& parameters, const Tensors& gradients);

  /// forward() as an operation of autograd: a backward pass through the values calls backward() of function
  /// 0. This object must stay in place until then.
  Tensors apply(const torch::Tensor& input, const Tensors& parameters, const Function& function);

 private:
  struct Entry;

  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace mkt::nn
