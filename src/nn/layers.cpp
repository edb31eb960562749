#include "mkt/nn/layers.h"

#include "nn/autograd_function.h"
#include "nn/product.h"

namespace mkt::nn {
namespace {

/// QuickGELU. With z = 1.702x: x·σ(z) = silu(z)/1.702, whose derivative with respect to x is silu'(z).
/// Autograd would save three tensors with the hidden width; this function saves one.
class QuickGelu : public torch::autograd::Function<QuickGelu> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input) {
    context->save_for_backward({input});
    return (input * kQuickGeluFactor).sigmoid_().mul_(input);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    torch::Tensor scaled = context->get_saved_variables()[0] * kQuickGeluFactor;
    return {at::silu_backward_out(scaled, gradients[0], scaled)};
  }
};

}  // namespace

LinearImpl::LinearImpl(std::int64_t in, std::int64_t out) {
  weight = register_parameter("weight", torch::empty({out, in}));
  bias = register_parameter("bias", torch::empty({out}));
}

torch::Tensor LinearImpl::forward(const torch::Tensor& input) const {
  return differentiable_product(input, weight, bias);
}

LayerNormImpl::LayerNormImpl(std::int64_t width, double epsilon_) : epsilon(epsilon_) {
  weight = register_parameter("weight", torch::empty({width}));
  bias = register_parameter("bias", torch::empty({width}));
}

torch::Tensor LayerNormImpl::forward(const torch::Tensor& input) const {
  return at::layer_norm(input, weight.sizes(), weight, bias, epsilon);
}

LayerScaleImpl::LayerScaleImpl(std::int64_t width) {
  gamma = register_parameter("gamma", torch::empty({width}));
}

torch::Tensor LayerScaleImpl::forward(const torch::Tensor& branch) const {
  return branch * gamma;
}

torch::Tensor quick_gelu(const torch::Tensor& input) {
  return QuickGelu::apply(input);
}

torch::Tensor activate(const torch::Tensor& input, Activation activation) {
  return activation == Activation::kQuickGelu ? quick_gelu(input) : at::gelu(input);
}

}  // namespace mkt::nn
