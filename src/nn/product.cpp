#include "nn/product.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>
#include <vector>

#include "nn/autograd_function.h"

namespace mkt::nn {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;
using Activated = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                                const std::optional<torch::Tensor>& bias, std::string_view activation,
                                Scalars scalars, std::optional<std::string_view> algorithm);
using Added = torch::Tensor(const torch::Tensor& input, const torch::Tensor& other,
                            const torch::Tensor& weight, const std::optional<torch::Tensor>& bias,
                            std::string_view operation);

/// Whether oneDNN is called directly. Half precisions reach oneDNN through ATen.
bool is_for_onednn(const torch::Tensor& input) {
  return input.is_cpu() && input.scalar_type() == torch::kFloat32 &&
         at::globalContext().userEnabledMkldnn() && at::hasMKLDNN();
}

torch::Tensor onednn_product(const torch::Tensor& input, const torch::Tensor& weight,
                             const std::optional<torch::Tensor>& bias, std::string_view activation,
                             std::string_view algorithm = "") {
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Activated>();
  return operation.call(input, weight, bias, activation, Scalars{}, algorithm);
}

torch::Tensor onednn_product_sum(const torch::Tensor& input, const torch::Tensor& weight,
                                 const torch::Tensor& bias, const torch::Tensor& other) {
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "binary").typed<Added>();
  return operation.call(input, other, weight, bias, "add");
}

/// Computes gradientᵀ·input: (N, M) and (N, K) → (M, K). oneDNN is up to 20 % faster if the result has more
/// columns than rows.
torch::Tensor weight_gradient(const torch::Tensor& gradient, const torch::Tensor& input) {
  if (gradient.size(1) <= input.size(1)) return onednn_product(gradient.t(), input.t(), {}, "none");
  return onednn_product(input.t(), gradient.t(), {}, "none").t().contiguous();
}

class LinearByOneDnn : public torch::autograd::Function<LinearByOneDnn> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input,
                               const torch::Tensor& weight, const torch::Tensor& bias) {
    // Saves only the tensors that are needed for a gradient.
    context->save_for_backward(
        {weight.requires_grad() ? input : torch::Tensor(), input.requires_grad() ? weight : torch::Tensor()});
    return onednn_product(input, weight, bias, "none");
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor gradient = gradients[0].contiguous();
    torch::autograd::variable_list result(3);
    if (context->needs_input_grad(0)) result[0] = product_backward(gradient, saved[1]);
    if (context->needs_input_grad(1)) result[1] = weight_gradient(gradient, saved[0]);
    if (context->needs_input_grad(2)) result[2] = gradient.sum(0);
    return result;
  }
};

}  // namespace

torch::Tensor product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias) {
  if (is_for_onednn(input)) return onednn_product(input, weight, bias, "none");
  return at::addmm(bias, input, weight.t());
}

torch::Tensor product_silu_(const torch::Tensor& input, const torch::Tensor& weight,
                            const torch::Tensor& bias, double factor) {
  if (is_for_onednn(input)) return onednn_product(input.mul_(factor), weight, bias, "swish");
  torch::Tensor result = at::addmm(bias, input, weight.t(), 1, factor);
  return at::silu_(result);
}

torch::Tensor product_gelu(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  if (is_for_onednn(input)) return onednn_product(input, weight, bias, "gelu", "none");
  return at::gelu(at::addmm(bias, input, weight.t()));
}

torch::Tensor scaled_product_(const torch::Tensor& input, const torch::Tensor& weight,
                              const torch::Tensor& bias, double factor) {
  if (is_for_onednn(input)) return onednn_product(input.mul_(factor), weight, bias, "none");
  return at::addmm(bias, input, weight.t(), 1, factor);
}

torch::Tensor product_backward(const torch::Tensor& gradient, const torch::Tensor& weight) {
  if (is_for_onednn(gradient)) return onednn_product(gradient, weight.t(), {}, "none");
  return at::mm(gradient, weight);
}

void add_product_(torch::Tensor rows, const torch::Tensor& input, const torch::Tensor& weight,
                  const torch::Tensor& bias, double factor) {
  if (rows.scalar_type() != input.scalar_type()) {
    rows.add_(at::addmm(bias, input, weight.t(), 1, factor));
  } else if (!is_for_onednn(input)) {
    rows.add_(bias).addmm_(input, weight.t(), 1, factor);
  } else if (factor == 1) {
    rows.copy_(onednn_product_sum(input, weight, bias, rows));
  } else {  // oneDNN cannot scale the product alone: divide the other terms, then scale the result
    at::mul_out(rows, onednn_product_sum(input, weight, bias / factor, rows / factor),
                at::scalar_tensor(factor, rows.options()));
  }
}

torch::Tensor differentiable_product(const torch::Tensor& input, const torch::Tensor& weight,
                                     const torch::Tensor& bias) {
  const bool same_types = input.scalar_type() == weight.scalar_type();
  if (!is_for_onednn(input) || !same_types || input.numel() == 0 ||
      at::autocast::is_autocast_enabled(at::kCPU)) {
    return at::linear(input, weight, bias);
  }
  std::vector<std::int64_t> shape = input.sizes().vec();
  shape.back() = weight.size(0);
  // Not registered as a view, so that autograd allows residuals to be added in place.
  return at::_unsafe_view(LinearByOneDnn::apply(input.reshape({-1, weight.size(1)}), weight, bias), shape);
}

}  // namespace mkt::nn
