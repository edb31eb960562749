#include "mkt/nn/product.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>

namespace mkt::nn {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;
using Activated = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                                const std::optional<torch::Tensor>& bias, std::string_view activation,
                                Scalars scalars, std::optional<std::string_view> algorithm);
using Added = torch::Tensor(const torch::Tensor& input, const torch::Tensor& other,
                            const torch::Tensor& weight, const std::optional<torch::Tensor>& bias,
                            std::string_view operation);

/// Whether oneDNN takes it. Half precisions get to oneDNN through ATen.
bool is_for_onednn(const torch::Tensor& input) {
  return input.is_cpu() && input.scalar_type() == torch::kFloat32 &&
         at::globalContext().userEnabledMkldnn() && at::hasMKLDNN();
}

torch::Tensor onednn_product(const torch::Tensor& input, const torch::Tensor& weight,
                             const torch::Tensor& bias, std::string_view activation) {
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Activated>();
  return operation.call(input, weight, bias, activation, Scalars{}, "");
}

torch::Tensor onednn_product_sum(const torch::Tensor& input, const torch::Tensor& weight,
                                 const torch::Tensor& bias, const torch::Tensor& other) {
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "binary").typed<Added>();
  return operation.call(input, other, weight, bias, "add");
}

}  // namespace

torch::Tensor product(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias) {
  if (is_for_onednn(input)) return onednn_product(input, weight, bias, "none");
  return at::addmm(bias, input, weight.t());
}

torch::Tensor product_silu_(torch::Tensor input, const torch::Tensor& weight, const torch::Tensor& bias,
                            double factor) {
  if (is_for_onednn(input)) return onednn_product(input.mul_(factor), weight, bias, "swish");
  torch::Tensor result = at::addmm(bias, input, weight.t(), 1, factor);
  return at::silu_(result);
}

void add_product_(torch::Tensor rows, const torch::Tensor& input, const torch::Tensor& weight,
                  const torch::Tensor& bias, double factor) {
  if (rows.scalar_type() != input.scalar_type()) {
    rows.add_(at::addmm(bias, input, weight.t(), 1, factor));
  } else if (!is_for_onednn(input)) {
    rows.add_(bias).addmm_(input, weight.t(), 1, factor);
  } else if (factor == 1) {
    rows.copy_(onednn_product_sum(input, weight, bias, rows));
  } else {  // it knows no factor: all else is divided by it meanwhile
    at::mul_out(rows, onednn_product_sum(input, weight, bias / factor, rows / factor),
                at::scalar_tensor(factor, rows.options()));
  }
}

}  // namespace mkt::nn
