#include "train/losses.h"

#include <cmath>

#include "mkt/model/scores.h"

namespace mkt::train {

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
                         const torch::Tensor& label_features, const model::LocalPooling& local) {
  const torch::Tensor scores = label_loss.of_cosines()
                                   ? model::mean_cosine(features, label_features, local)
                                   : model::combine(model::branch_scores(features, label_features, local));
  return scores.to(torch::kFloat32);
}

}  // namespace mkt::train
