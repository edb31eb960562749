#include "mkt/nn/graphed_function.h"

#include <map>
#include <utility>

#ifdef MKT_WITH_CUDA_RUNTIME
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace mkt::nn {

#ifdef MKT_WITH_CUDA_RUNTIME

namespace {

/// A recorded call: its kernels read `input` and write `outputs`.
struct Recording {
  at::cuda::CUDAGraph graph;
  torch::Tensor input;
  std::vector<torch::Tensor> outputs;

  Recording(const GraphedFunction::Function& function, const torch::Tensor& example)
      : input(example.clone()) {
    const auto current = c10::cuda::getCurrentCUDAStream(example.get_device());
    const auto side = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, example.get_device());
    at::cuda::CUDAEvent before;
    before.record(current);
    before.block(side);
    {
      const c10::cuda::CUDAStreamGuard on_side(side);  // the default stream cannot be recorded
      graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
      outputs = function(input);
      graph.capture_end();
    }
    at::cuda::CUDAEvent after;
    after.record(side);
    after.block(current);
  }
};

}  // namespace

class GraphedFunction::Graphs {
 public:
  std::vector<torch::Tensor> call(const Function& function, const torch::Tensor& input) {
    const auto found = shapes_.find(input.sizes().vec());
    if (found == shapes_.end()) {
      if (shapes_.size() < kMostShapes) shapes_[input.sizes().vec()] = nullptr;
      return function(input);  // also chooses the kernels' variants, which may not happen while recording
    }
    if (!found->second) found->second = std::make_unique<Recording>(function, input);
    Recording& recording = *found->second;
    recording.input.copy_(input, /*non_blocking=*/true);
    recording.graph.replay();
    return recording.outputs;
  }

 private:
  static constexpr std::size_t kMostShapes = 4;

  std::map<std::vector<std::int64_t>, std::unique_ptr<Recording>> shapes_;
};

std::vector<torch::Tensor> GraphedFunction::operator()(const torch::Tensor& input) const {
  const torch::NoGradGuard no_grad;
  return input.is_cuda() ? graphs_->call(function_, input) : function_(input);
}

#else

class GraphedFunction::Graphs {};

std::vector<torch::Tensor> GraphedFunction::operator()(const torch::Tensor& input) const {
  const torch::NoGradGuard no_grad;
  return function_(input);
}

#endif

GraphedFunction::GraphedFunction() = default;
GraphedFunction::GraphedFunction(Function function)
    : function_(std::move(function)), graphs_(std::make_shared<Graphs>()) {}
GraphedFunction::~GraphedFunction() = default;
GraphedFunction::GraphedFunction(const GraphedFunction&) = default;
GraphedFunction::GraphedFunction(GraphedFunction&&) noexcept = default;
GraphedFunction& GraphedFunction::operator=(const GraphedFunction&) = default;
GraphedFunction& GraphedFunction::operator=(GraphedFunction&&) noexcept = default;

}  // namespace mkt::nn
