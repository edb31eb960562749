#include "model/transport.h"

namespace mkt::model {

// The kernel's values lie in [exp(-1 / regularisation), 1] = [4.5e-5, 1], so that float32 needs no
// logarithms.
torch::Tensor transport_weights(const torch::Tensor& cosines, double scale) {
  const torch::NoGradGuard no_grad;
  const auto labels = static_cast<double>(cosines.size(1));
  const torch::Tensor kernel =
      torch::softmax(cosines * scale, 1).sub_(1).div_(kTransportRegularisation).exp_();  // (B, C, P)
  const torch::Tensor shares =
      torch::softmax(cosines.amax({1}, true) / kTransportTemperature, 2);  // (B, 1, P)
  torch::Tensor of_labels = torch::ones({cosines.size(0), cosines.size(1), 1}, cosines.options());
  torch::Tensor of_patches = torch::ones_like(shares);
  for (std::int64_t i = 0; i < kTransportIterations; ++i) {
    const torch::Tensor reached = at::bmm(of_labels.transpose(1, 2), kernel);  // (B, 1, P)
    const torch::Tensor error = (of_patches * reached - shares).abs().sum({2}, true);
    const torch::Tensor going = error > kTransportTolerance;   // (B, 1, 1)
    if (cosines.is_cpu() && !going.any().item<bool>()) break;  // a GPU is not waited for
    of_patches = torch::where(going, shares / reached, of_patches);
    of_labels = torch::where(going, at::bmm(kernel, of_patches.transpose(1, 2)).mul_(labels).reciprocal_(),
                             of_labels);  // (B, C, 1)
  }
  return kernel * of_patches * (of_labels * labels);
}

}  // namespace mkt::model
