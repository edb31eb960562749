#include "mkt/model/scores.h"

#include "model/local_scores.h"

namespace mkt::model {
namespace {

/// Maximum number of patch-label products that autograd saves: 256 MiB of float32.
constexpr std::int64_t kProductsAtOnce = std::int64_t{1} << 26;

/// Divides rows by their L2 norms.
torch::Tensor normalised(const torch::Tensor& rows) {
  constexpr double kLeastNorm = 1e-12;
  return rows / rows.norm(2, {-1}, true).clamp_min(kLeastNorm);
}

const torch::Tensor& cosine_of(const BranchScores& scores) {
  TORCH_CHECK_VALUE(scores.cosine.defined(),
                    "score: expected branch scores without an autograd graph for the cosine, got some with "
                    "one. Use a NoGradGuard.");
  return scores.cosine;
}

torch::Tensor probabilities(const BranchScores& scores, double scale) {
  TORCH_CHECK_VALUE(scale > 0, "score: expected a positive logit scale for the score probability, got ",
                    scale, ". Use another score.");
  return torch::softmax(scale * cosine_of(scores), 1);
}

torch::Tensor mean_cosines(const BranchScores& scores) {
  TORCH_CHECK_VALUE(scores.inputs != nullptr,
                    "score: expected the features for the score mean-cosine, got branch scores without them. "
                    "Use branch_scores().");
  const BranchInputs& from = *scores.inputs;
  return mean_cosine(from.features, from.label_emb, from.pooling, from.products_at_once);
}

/// Returns MKT's scores, which are normalised over the labels given.
torch::Tensor mkt_scores(const BranchScores& scores) {
  return (normalised(scores.local) + normalised(scores.global)) / 2;
}

torch::Tensor standard_scores(const BranchScores& scores, const LabelStatistics& statistics) {
  const std::int64_t labels = scores.global.size(1);
  const std::int64_t known = statistics.mean.defined() ? statistics.mean.size(0) : 0;
  TORCH_CHECK_VALUE(known == labels, "score: expected statistics of ", labels,
                    " labels for the score standard, got those of ", known,
                    ". Give others, or another score.");
  return (standardised(mkt_scores(scores)) - statistics.mean) / statistics.deviation;
}

bool has_graph(const torch::Tensor& patches, const torch::Tensor& label_emb) {
  return at::GradMode::is_enabled() && (patches.requires_grad() || label_emb.requires_grad());
}

/// Local scores: patches (B, P, D), label_emb (C, D) → (B, C).
torch::Tensor pooled(const torch::Tensor& patches, const torch::Tensor& label_emb,
                     const LocalPooling& pooling, std::int64_t products_at_once) {
  if (!has_graph(patches, label_emb)) return local_scores_in_parts(patches, label_emb, pooling);
  return differentiable_local_scores(patches, label_emb, pooling,
                                     products_at_once == 0 ? kProductsAtOnce : products_at_once);
}

/// Applies `choose` to the labels' dimension of all tensors.
template <typename Choose>
BranchScores chosen(const BranchScores& scores, const Choose& choose) {
  std::shared_ptr<BranchInputs> inputs;
  if (scores.inputs != nullptr) {
    inputs = std::make_shared<BranchInputs>(*scores.inputs);
    inputs->label_emb = choose(inputs->label_emb, 0);
  }
  const bool relative = inputs != nullptr && is_relative(inputs->pooling);
  return {relative
              ? pooled(inputs->features.patches, inputs->label_emb, inputs->pooling, inputs->products_at_once)
              : choose(scores.local, 1),
          choose(scores.global, 1), scores.cosine.defined() ? choose(scores.cosine, 1) : scores.cosine,
          inputs};
}

void check_labels(const torch::Tensor& label_emb, std::int64_t width) {
  TORCH_CHECK_VALUE(label_emb.dim() == 2 && label_emb.size(1) == width, "label_emb: expected (labels, ",
                    width, "), got ", label_emb.sizes(), ".");
}

}  // namespace

BranchScores BranchScores::labels(std::int64_t first, std::int64_t last) const {
  return chosen(*this, [&](const torch::Tensor& tensor, std::int64_t dimension) {
    return tensor.slice(dimension, first, last);
  });
}

BranchScores BranchScores::labels(const torch::Tensor& which) const {
  return chosen(*this, [&](const torch::Tensor& tensor, std::int64_t dimension) {
    return tensor.index_select(dimension, which);
  });
}

BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb,
                           const LocalPooling& pooling, std::int64_t products_at_once) {
  check_pooling(pooling, features.patches.size(1));
  check_labels(label_emb, features.global.size(1));
  return {pooled(features.patches, label_emb, pooling, products_at_once),
          at::matmul(features.global, label_emb.t()),
          has_graph(features.patches, label_emb)
              ? torch::Tensor()
              : at::matmul(normalised(features.global), normalised(label_emb).t()),
          std::make_shared<BranchInputs>(BranchInputs{features, label_emb, pooling, products_at_once})};
}

torch::Tensor mean_cosine(const ImageFeatures& features, const torch::Tensor& label_emb,
                          const LocalPooling& pooling, std::int64_t products_at_once) {
  check_pooling(pooling, features.patches.size(1));
  check_labels(label_emb, features.global.size(1));
  const torch::Tensor labels = normalised(label_emb);
  const torch::Tensor local = pooled(normalised(features.patches), labels, pooling, products_at_once);
  return (at::matmul(normalised(features.global), labels.t()) + local) / 2;
}

ScoreRule on_device(ScoreRule rule, torch::Device device) {
  for (torch::Tensor* tensor : {&rule.statistics.mean, &rule.statistics.deviation}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return rule;
}

torch::Tensor standardised(const torch::Tensor& scores) {
  TORCH_CHECK_VALUE(scores.size(1) > 1, "score: expected at least two labels for the score standard, got ",
                    scores.size(1), ". Use another score, or give more labels.");
  const torch::Tensor deviation = scores.std({1}, /*unbiased=*/true, /*keepdim=*/true);
  return (scores - scores.mean({1}, true)) / deviation.masked_fill(deviation.eq(0), 1);
}

torch::Tensor patch_products(const torch::Tensor& patches, const torch::Tensor& label_emb) {
  check_labels(label_emb, patches.size(-1));
  return products_of(patches, label_emb);
}

torch::Tensor combine(const BranchScores& scores, const ScoreRule& how) {
  switch (how.kind) {
    case ScoreKind::kLocal:
      return normalised(scores.local);
    case ScoreKind::kGlobal:
      return normalised(scores.global);
    case ScoreKind::kCosine:
      return cosine_of(scores);
    case ScoreKind::kProbability:
      return probabilities(scores, how.scale);
    case ScoreKind::kMeanCosine:
      return mean_cosines(scores);
    case ScoreKind::kStandard:
      return standard_scores(scores, how.statistics);
    case ScoreKind::kMkt:
      break;
  }
  return mkt_scores(scores);
}

ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& how) {
  return zero_shot_scores(scores, seen, how, how);
}

ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& of_unseen,
                                const ScoreRule& of_all) {
  const auto labels = scores.global.size(1);
  TORCH_CHECK_VALUE(0 <= seen && seen < labels, "labels: expected fewer than ", labels, " seen labels, got ",
                    seen, ".");
  return {combine(scores.labels(seen, labels), of_unseen), combine(scores, of_all)};
}

}  // namespace mkt::model
