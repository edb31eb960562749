#include "loss/logits.h"

#include "nn/autograd_function.h"

namespace mkt::loss {
namespace {

/// Returns `loss` with a known gradient with respect to the logits.
class KnownGradient : public torch::autograd::Function<KnownGradient> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& /*logits*/,
                               const torch::Tensor& loss, const torch::Tensor& gradient) {
    context->save_for_backward({gradient});
    return loss.clone();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list outer) {
    const torch::Tensor gradient = context->get_saved_variables()[0];
    return {(gradient * outer[0]).to(gradient.scalar_type()), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

void check_logits(const char* name, const torch::Tensor& logits, const torch::Tensor& labels) {
  TORCH_CHECK_VALUE(logits.dim() == 2 && logits.sizes() == labels.sizes() && logits.size(0) > 0, name,
                    ": expected logits and labels of one shape (images, classes), got ", logits.sizes(),
                    " and ", labels.sizes(), ". Pass the labels of the scored images.");
  TORCH_CHECK_VALUE(logits.is_floating_point(), name, ": expected floating logits, got ",
                    logits.scalar_type(), ". Pass scores.");
}

torch::Tensor summable(const torch::Tensor& logits) {
  const bool half = logits.scalar_type() == torch::kHalf || logits.scalar_type() == torch::kBFloat16;
  return half ? logits.to(torch::kFloat32) : logits;
}

torch::Tensor zero_or_nan(const torch::Tensor& logits) {
  return logits.detach().sum().mul_(0);
}

torch::Tensor with_gradient(const torch::Tensor& logits,
                            const std::function<LossAndGradient(const torch::Tensor& logits)>& compute) {
  LossAndGradient computed;
  {
    const torch::NoGradGuard no_grad;
    computed = compute(summable(logits.detach()));
  }
  return KnownGradient::apply(logits, computed.loss, computed.gradient.to(logits.scalar_type()));
}

}  // namespace mkt::loss
