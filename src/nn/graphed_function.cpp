#include "mkt/nn/graphed_function.h"

#include <map>
#include <utility>

#ifdef MKT_WITH_CUDA_RUNTIME
#include "nn/cuda_capture.h"
#endif

namespace mkt::nn {

class GraphedFunction::Graphs {
 public:
  std::vector<torch::Tensor> call(const Function& function, const torch::Tensor& input) {
#ifdef MKT_WITH_CUDA_RUNTIME
    if (input.is_cuda() && !is_recording()) return recorded_call(function, input);
#endif
    return function(input);
  }

#ifdef MKT_WITH_CUDA_RUNTIME
 private:
  static constexpr std::size_t kMostShapes = 4;

  /// A recorded call: its kernels read `input` and write `outputs`.
  struct Recording {
    at::cuda::CUDAGraph graph;
    torch::Tensor input;
    std::vector<torch::Tensor> outputs;
  };

  /// Whether the call is part of a larger graph that is being recorded.
  static bool is_recording() {
    return c10::cuda::currentStreamCaptureStatusMayInitCtx() != c10::cuda::CaptureStatus::None;
  }

  std::vector<torch::Tensor> recorded_call(const Function& function, const torch::Tensor& input) {
    const auto found = shapes_.find(input.sizes().vec());
    if (found == shapes_.end()) {
      if (shapes_.size() < kMostShapes) shapes_[input.sizes().vec()] = nullptr;
      return function(input);  // also chooses the kernels' variants, which may not happen while recording
    }
    if (!found->second) found->second = record(function, input);
    Recording& recording = *found->second;
    recording.input.copy_(input, /*non_blocking=*/true);
    recording.graph.replay();
    return recording.outputs;
  }

  static std::unique_ptr<Recording> record(const Function& function, const torch::Tensor& example) {
    auto recording = std::make_unique<Recording>();
    recording->input = example.clone();
    capture(recording->graph, example.get_device(), {0, 0},
            [&] { recording->outputs = function(recording->input); });
    return recording;
  }

  std::map<std::vector<std::int64_t>, std::unique_ptr<Recording>> shapes_;
#endif
};

GraphedFunction::GraphedFunction(Function function)
    : function_(std::move(function)), graphs_(std::make_shared<Graphs>()) {}

std::vector<torch::Tensor> GraphedFunction::operator()(const torch::Tensor& input) const {
  const torch::NoGradGuard no_grad;
  return graphs_->call(function_, input);
}

}  // namespace mkt::nn
