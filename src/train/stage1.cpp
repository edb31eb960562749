#include "mkt/train/stage1.h"

#include "mkt/loss/ranking.h"
#include "mkt/model/scores.h"
#include "stage1_run.h"

namespace mkt::train {

Stage1Losses stage1_losses(const model::DistillationFeatures& features,
                           const torch::Tensor& seen_label_features, const torch::Tensor& labels,
                           std::int64_t topk) {
  const auto branches = model::branch_scores(features.student, seen_label_features, topk);
  const torch::Tensor logits = model::combine(branches);  // (B, S)
  return {loss::ranking_loss(logits.to(torch::kFloat32), labels),
          torch::l1_loss(features.student.global.to(torch::kFloat32), features.teacher_global)};
}

torch::Tensor rows_with_positives(const torch::Tensor& labels) {
  return labels.eq(1).any(1).nonzero().flatten();  // (K)
}

std::string train_stage1(const Stage1Options& options, const std::string& resolved) {
  return Stage1Run(options, resolved).run();
}

}  // namespace mkt::train
