#pragma once
// Runs a function of tensors as a CUDA graph.

#include "mkt/torch.h"

#include <functional>
#include <memory>
#include <vector>

namespace mkt::nn {

/// Records the kernels of a function the second time that it is called with a shape, and replays them
/// afterwards: starting kernels one by one takes longer than running them if the batch is small. The results
/// are those of the function. On a CPU, in a build without CUDA's headers, and for more than a few shapes, it
/// calls the function.
///
/// The function must take one tensor, launch the same kernels for every input of a shape, and not wait for
/// the device. Other tensors that it reads, such as weights, may change in place but not move.
/// Not differentiable. Copies share the recorded graphs; calls must not overlap in time.
class GraphedFunction {
 public:
  using Function = std::function<std::vector<torch::Tensor>(const torch::Tensor& input)>;

  GraphedFunction() = default;
  explicit GraphedFunction(Function function);

  /// Returns the function's results. They are valid until the next call, which may overwrite them.
  std::vector<torch::Tensor> operator()(const torch::Tensor& input) const;

 private:
  class Graphs;

  Function function_;
  std::shared_ptr<Graphs> graphs_;
};

}  // namespace mkt::nn
