#include "mkt/model/scores.h"

#include <algorithm>
#include <vector>

namespace mkt::model {
namespace {

constexpr std::int64_t kImagesAtOnceOnGpu = 32;

/// patches (B, P, D), label_emb (C, D) → (B, C). Labels before patches, so that the k best are sought along
/// contiguous numbers.
torch::Tensor local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb, std::int64_t topk) {
  const torch::Tensor labels = label_emb.expand({patches.size(0), -1, -1});
  const torch::Tensor products = at::bmm(labels, patches.transpose(1, 2));  // (B, C, P)
  return std::get<0>(products.topk(topk, -1, true, false)).mean(-1);
}

torch::Tensor local_scores_in_parts(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                    std::int64_t topk) {
  const std::int64_t size = patches.is_cuda() ? kImagesAtOnceOnGpu : 1;
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& part : patches.split(size)) parts.push_back(local_scores(part, label_emb, topk));
  return parts.empty() ? patches.new_empty({0, label_emb.size(0)}) : torch::cat(parts);
}

torch::Tensor normalised(const torch::Tensor& scores) {
  constexpr double kLeastNorm = 1e-12;
  return scores / scores.norm(2, {1}, true).clamp_min(kLeastNorm);
}

}  // namespace

ScoreKind parse_score_kind(const std::string& name) {
  if (name == "mkt") return ScoreKind::kMkt;
  if (name == "global") return ScoreKind::kGlobal;
  if (name == "local") return ScoreKind::kLocal;
  TORCH_CHECK_VALUE(false, "--score: expected mkt, global or local, got '", name, "'.");
}

BranchScores BranchScores::labels(std::int64_t first, std::int64_t last) const {
  return {local.slice(1, first, last), global.slice(1, first, last)};
}

BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb, std::int64_t topk) {
  const auto patches = features.patches.size(1);
  TORCH_CHECK_VALUE(1 <= topk && topk <= patches, "--topk: expected 1 to ", patches,
                    " (the patches of an image), got ", topk, ".");
  TORCH_CHECK_VALUE(label_emb.dim() == 2 && label_emb.size(1) == features.global.size(1),
                    "label_emb: expected (labels, ", features.global.size(1), "), got ", label_emb.sizes(),
                    ".");
  const bool graph =
      at::GradMode::is_enabled() && (features.patches.requires_grad() || label_emb.requires_grad());
  return {graph ? local_scores(features.patches, label_emb, topk)
                : local_scores_in_parts(features.patches, label_emb, topk),
          at::matmul(features.global, label_emb.t())};
}

torch::Tensor combine(const BranchScores& scores, ScoreKind kind) {
  switch (kind) {
    case ScoreKind::kLocal:
      return normalised(scores.local);
    case ScoreKind::kGlobal:
      return normalised(scores.global);
    case ScoreKind::kMkt:
      break;
  }
  return (normalised(scores.local) + normalised(scores.global)) / 2;
}

ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, ScoreKind kind) {
  const auto labels = scores.global.size(1);
  TORCH_CHECK_VALUE(0 <= seen && seen < labels, "labels: expected less than ", labels, " seen ones, got ",
                    seen, ".");
  return {combine(scores.labels(seen, labels), kind), combine(scores, kind)};
}

}  // namespace mkt::model
