#include "mkt/model/scores.h"

#include <ATen/autocast_mode.h>

#include <algorithm>
#include <vector>

#include "model/best_patches.h"
#include "nn/autograd_function.h"

namespace mkt::model {
namespace {

constexpr std::int64_t kImagesAtOnceOnGpu = 32;
/// Maximum number of patch-label products that autograd saves: 256 MiB of float32.
constexpr std::int64_t kProductsAtOnce = std::int64_t{1} << 26;

/// Computes patch-label products: patches (B, P, D), label_emb (C, D) → (B, C, P). Patches are the last
/// dimension, so that the top-k values are taken from contiguous memory.
torch::Tensor products_of(const torch::Tensor& patches, const torch::Tensor& label_emb) {
  return at::bmm(label_emb.expand({patches.size(0), -1, -1}), patches.transpose(1, 2));
}

torch::Tensor mean_of_topk(const torch::Tensor& products, std::int64_t topk) {
  return std::get<0>(products.topk(topk, -1, true, false)).mean(-1);
}

/// Computes local scores: patches (B, P, D), label_emb (C, D) → (B, C). A local score is the mean of the
/// `topk` highest products for a label.
torch::Tensor local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb, std::int64_t topk) {
  return mean_of_topk(products_of(patches, label_emb), topk);
}

torch::Tensor local_scores_in_parts(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                    std::int64_t topk) {
  const std::int64_t size = patches.is_cuda() ? kImagesAtOnceOnGpu : 1;
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& part : patches.split(size)) {
    const torch::Tensor products = products_of(part, label_emb);
    const bool plain = products.is_cpu() && products.scalar_type() == torch::kFloat32;
    parts.push_back(plain ? mean_of_best(products, topk) : mean_of_topk(products, topk));
  }
  return parts.empty() ? patches.new_empty({0, label_emb.size(0)}) : torch::cat(parts);
}

/// Computes local_scores() for a few labels at a time; the backward pass recomputes the products. Results are
/// identical, with less memory.
class LocalScoresInTurn : public torch::autograd::Function<LocalScoresInTurn> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& patches,
                               const torch::Tensor& label_emb, std::int64_t topk, std::int64_t labels) {
    context->save_for_backward({patches, label_emb});
    context->saved_data["topk"] = topk;
    context->saved_data["labels"] = labels;
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& some : label_emb.split(labels))
      parts.push_back(local_scores(patches, some, topk));
    return torch::cat(parts, 1);  // (B, C)
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list outer) {
    const auto saved = context->get_saved_variables();
    const std::int64_t labels = context->saved_data["labels"].toInt();
    torch::Tensor patches_gradient;
    std::vector<torch::Tensor> label_gradients;
    const auto outer_parts = outer[0].split(labels, 1);
    const auto label_parts = saved[1].split(labels);
    for (std::size_t i = 0; i < label_parts.size(); ++i) {
      const at::AutoGradMode with_graph(true);
      const torch::Tensor patches = saved[0].detach().requires_grad_(context->needs_input_grad(0));
      const torch::Tensor some = label_parts[i].detach().requires_grad_(context->needs_input_grad(1));
      local_scores(patches, some, context->saved_data["topk"].toInt()).backward(outer_parts[i]);
      if (some.grad().defined()) label_gradients.push_back(some.grad());
      if (!patches.grad().defined()) continue;
      patches_gradient = patches_gradient.defined() ? patches_gradient.add_(patches.grad()) : patches.grad();
    }
    const torch::Tensor label_gradient =
        label_gradients.empty() ? torch::Tensor() : torch::cat(label_gradients);
    return {patches_gradient, label_gradient, torch::Tensor(), torch::Tensor()};
  }
};

/// Computes local scores with autograd: (B, C).
torch::Tensor differentiable_local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                          std::int64_t topk, std::int64_t products_at_once) {
  const std::int64_t labels =
      std::max<std::int64_t>(1, products_at_once / (patches.size(0) * patches.size(1)));
  if (label_emb.size(0) <= labels) return local_scores(patches, label_emb, topk);
  const auto device = patches.device().type();
  if (!at::autocast::is_autocast_enabled(device)) {
    return LocalScoresInTurn::apply(patches, label_emb, topk, labels);
  }
  const auto type = at::autocast::get_autocast_dtype(device);  // autocast does not apply to backward
  return LocalScoresInTurn::apply(patches.to(type), label_emb.to(type), topk, labels);
}

/// Divides rows by their L2 norms.
torch::Tensor normalised(const torch::Tensor& rows) {
  constexpr double kLeastNorm = 1e-12;
  return rows / rows.norm(2, {1}, true).clamp_min(kLeastNorm);
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

void check_labels(const torch::Tensor& label_emb, std::int64_t width) {
  TORCH_CHECK_VALUE(label_emb.dim() == 2 && label_emb.size(1) == width, "label_emb: expected (labels, ",
                    width, "), got ", label_emb.sizes(), ".");
}

}  // namespace

void check_topk(std::int64_t topk, std::int64_t patches) {
  TORCH_CHECK_VALUE(1 <= topk && topk <= patches, "topk: expected 1 to ", patches,
                    " (the patches of an image), got ", topk, ".");
}

BranchScores BranchScores::labels(std::int64_t first, std::int64_t last) const {
  return {local.slice(1, first, last), global.slice(1, first, last),
          cosine.defined() ? cosine.slice(1, first, last) : cosine};
}

BranchScores BranchScores::labels(const torch::Tensor& which) const {
  return {local.index_select(1, which), global.index_select(1, which),
          cosine.defined() ? cosine.index_select(1, which) : cosine};
}

BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb, std::int64_t topk,
                           std::int64_t products_at_once) {
  check_topk(topk, features.patches.size(1));
  check_labels(label_emb, features.global.size(1));
  const bool graph =
      at::GradMode::is_enabled() && (features.patches.requires_grad() || label_emb.requires_grad());
  if (products_at_once == 0) products_at_once = kProductsAtOnce;
  return {graph ? differentiable_local_scores(features.patches, label_emb, topk, products_at_once)
                : local_scores_in_parts(features.patches, label_emb, topk),
          at::matmul(features.global, label_emb.t()),
          graph ? torch::Tensor() : at::matmul(normalised(features.global), normalised(label_emb).t())};
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
    case ScoreKind::kMkt:
      break;
  }
  return (normalised(scores.local) + normalised(scores.global)) / 2;
}

ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& how) {
  const auto labels = scores.global.size(1);
  TORCH_CHECK_VALUE(0 <= seen && seen < labels, "labels: expected fewer than ", labels, " seen labels, got ",
                    seen, ".");
  return {combine(scores.labels(seen, labels), how), combine(scores, how)};
}

}  // namespace mkt::model
