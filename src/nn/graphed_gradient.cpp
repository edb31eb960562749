#include "nn/graphed_gradient.h"

#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "nn/autograd_function.h"

#ifdef MKT_WITH_CUDA_RUNTIME
#include "nn/cuda_capture.h"
#endif

namespace mkt::nn {
namespace {

using Tensors = GraphedGradient::Tensors;

/// Returns the elements of `others` whose counterparts in `values` require a gradient.
Tensors differentiable(const Tensors& values, const Tensors& others) {
  Tensors chosen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].requires_grad()) chosen.push_back(others[i]);
  }
  return chosen;
}

Tensors parameter_gradients(const Tensors& values, const Tensors& parameters, const Tensors& gradients) {
  return torch::autograd::grad(differentiable(values, values), parameters, differentiable(values, gradients),
                               /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
}

Tensors detached(const Tensors& values) {
  Tensors result;
  for (const torch::Tensor& value : values) result.push_back(value.detach());
  return result;
}

void add_to_gradients(const Tensors& parameters, const Tensors& gradients) {
  Tensors sums;
  Tensors added;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const torch::Tensor& parameter = parameters[i];
    if (!parameter.grad().defined()) parameter.mutable_grad() = torch::zeros_like(parameter);
    sums.push_back(parameter.mutable_grad());
    added.push_back(gradients[i]);
  }
  if (!sums.empty()) at::_foreach_add_(sums, added);
}

#ifdef MKT_WITH_CUDA_RUNTIME

/// Forward and backward pass of a function, recorded.
struct Passes {
  at::cuda::CUDAGraph forward;
  at::cuda::CUDAGraph backward;
  torch::Tensor input;          // read by `forward`
  Tensors values;               // written by `forward`
  Tensors gradients;            // read by `backward`
  Tensors parameter_gradients;  // written by `backward`
};

std::unique_ptr<Passes> record(const torch::Tensor& input, const Tensors& parameters,
                               const GraphedGradient::Function& function, at::cuda::MempoolId_t pool) {
  auto passes = std::make_unique<Passes>();
  const auto device = parameters.front().get_device();
  passes->input = input.clone();
  Tensors values;
  capture(passes->forward, device, pool, [&] { values = function(passes->input); });
  passes->values = detached(values);
  for (const torch::Tensor& value : values) passes->gradients.push_back(torch::zeros_like(value));
  capture(passes->backward, device, pool,
          [&] { passes->parameter_gradients = parameter_gradients(values, parameters, passes->gradients); });
  return passes;
}

void replay_backward(Passes& passes, const Tensors& parameters, const Tensors& gradients) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (gradients[i].defined()) {
      passes.gradients[i].copy_(gradients[i]);
    } else {
      passes.gradients[i].zero_();
    }
  }
  passes.backward.replay();
  add_to_gradients(parameters, passes.parameter_gradients);
}

#endif

/// forward() and backward() of function 0 as an operation of autograd.
class Applied : public torch::autograd::Function<Applied> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const torch::Tensor& /*anchor*/, const torch::Tensor& input,
                                                GraphedGradient* graphs, const Tensors* parameters,
                                                const GraphedGradient::Function* function) {
    context->saved_data["graphs"] = reinterpret_cast<std::int64_t>(graphs);
    context->saved_data["parameters"] = *parameters;
    return graphs->forward(0, input, *parameters, *function);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    auto* graphs = reinterpret_cast<GraphedGradient*>(context->saved_data["graphs"].toInt());
    graphs->backward(0, context->saved_data["parameters"].toTensorVector(), gradients);
    return torch::autograd::variable_list(5);
  }
};

}  // namespace

struct GraphedGradient::Entry {
  Tensors values;                        // with autograd graph, if not recorded
  std::vector<std::int64_t> last_shape;  // of the last input that was not replayed
  bool replayed = false;                 // whether the last forward() was a replay
#ifdef MKT_WITH_CUDA_RUNTIME
  std::unique_ptr<Passes> passes;
  at::cuda::MempoolId_t pool{0, 0};
#endif
};

GraphedGradient::GraphedGradient(std::size_t functions) {
  for (std::size_t i = 0; i < functions; ++i) entries_.push_back(std::make_unique<Entry>());
}
GraphedGradient::~GraphedGradient() = default;
GraphedGradient::GraphedGradient(GraphedGradient&&) noexcept = default;
GraphedGradient& GraphedGradient::operator=(GraphedGradient&&) noexcept = default;

Tensors GraphedGradient::forward(std::size_t index, const torch::Tensor& input,
                                 [[maybe_unused]] const Tensors& parameters, const Function& function) {
  const at::AutoGradMode with_grad(true);
  // A kept autograd graph holds nodes of the parameters on the default stream; a capture that reaches them
  // fails.
  for (const auto& each : entries_) {
    each->values.clear();
    each->replayed = false;
  }
  Entry& entry = *entries_.at(index);
#ifdef MKT_WITH_CUDA_RUNTIME
  if (parameters.front().is_cuda()) {
    if (!entry.passes && input.sizes() == entry.last_shape) {
      Entry& first = *entries_.front();
      if (first.pool == at::cuda::MempoolId_t{0, 0}) first.pool = at::cuda::graph_pool_handle();
      entry.passes = record(input, parameters, function, first.pool);
    }
    if (entry.passes && entry.passes->input.sizes() == input.sizes()) {
      entry.passes->input.copy_(input, /*non_blocking=*/true);
      entry.passes->forward.replay();
      entry.replayed = true;
      return detached(entry.passes->values);
    }
  }
#endif
  entry.last_shape = input.sizes().vec();
  entry.values = function(input);
  return detached(entry.values);
}

void GraphedGradient::backward(std::size_t index, const Tensors& parameters, const Tensors& gradients) {
  Entry& entry = *entries_.at(index);
#ifdef MKT_WITH_CUDA_RUNTIME
  if (std::exchange(entry.replayed, false)) return replay_backward(*entry.passes, parameters, gradients);
#endif
  TORCH_CHECK_VALUE(gradients.size() == entry.values.size(), "graphed gradient: expected ",
                    entry.values.size(), " gradients of the last forward(), got ", gradients.size(),
                    ". Call forward() with this index first.");
  Tensors complete = gradients;
  for (std::size_t i = 0; i < complete.size(); ++i) {
    if (!complete[i].defined()) complete[i] = torch::zeros_like(entry.values[i]);
  }
  const at::AutoGradMode with_grad(true);
  add_to_gradients(parameters, parameter_gradients(std::exchange(entry.values, {}), parameters, complete));
}

Tensors GraphedGradient::apply(const torch::Tensor& input, const Tensors& parameters,
                               const Function& function) {
  const torch::Tensor anchor = torch::zeros({}, parameters.front().options()).requires_grad_();
  return Applied::apply(anchor, input, this, &parameters, &function);
}

}  // namespace mkt::nn
