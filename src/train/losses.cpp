#include "train/losses.h"

#include <cmath>

#include "mkt/model/scores.h"

namespace mkt::train {
namespace {

/// Divides vectors along the last dimension by their L2 norms, in float32.
torch::Tensor normalised(const torch::Tensor& vectors) {
  constexpr double kLeastNorm = 1e-12;
  const torch::Tensor full = vectors.to(torch::kFloat32);
  return full / full.norm(2, {-1}, /*keepdim=*/true).clamp_min(kLeastNorm);
}

}  // namespace

torch::Tensor rows_with_positives(const torch::Tensor& labels) {
  return labels.eq(1).any(1).nonzero().flatten();  // (K)
}

std::unique_ptr<loss::LabelLoss> make_label_loss(loss::LabelLossOptions options, const clip::Weights& clip,
                                                 session::Session& session) {
  if (options.kind == loss::LossKind::kAsymmetric && options.scale == 0) {
    const auto found = clip.tensors.find("logit_scale");
    TORCH_CHECK(found != clip.tensors.end() && found->second.numel() == 1, clip.file,
                ": expected the tensor logit_scale, with which the scale of the asymmetric loss starts, got "
                "none. Set the option loss-scale, for example to 100.");
    options.scale = std::exp(found->second.item<double>());
  }
  return loss::make_label_loss(options, session.runtime.device, loss::gather_over(session.ranks));
}

torch::Tensor scores_for(const loss::LabelLoss& label_loss, const model::ImageFeatures& features,
                         const torch::Tensor& label_features, std::int64_t topk) {
  if (!label_loss.of_cosines()) {
    return model::combine(model::branch_scores(features, label_features, topk)).to(torch::kFloat32);
  }
  const auto cosines = model::branch_scores({normalised(features.patches), normalised(features.global)},
                                            normalised(label_features), topk);
  return (cosines.local.to(torch::kFloat32) + cosines.global.to(torch::kFloat32)) / 2;
}

}  // namespace mkt::train
