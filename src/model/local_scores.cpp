#include "model/local_scores.h"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/best_patches.h"
#include "model/transport.h"
#include "nn/autograd_function.h"

namespace mkt::model {
namespace {

constexpr std::int64_t kImagesAtOnceOnGpu = 32;
constexpr double kSmallestNorm = 1e-12;

torch::Tensor mean_of_topk(const torch::Tensor& products, std::int64_t topk) {
  return std::get<0>(products.topk(topk, -1, true, false)).mean(-1);
}

/// Norms of rows (…, D), float32 also under autocast: (…, 1).
torch::Tensor norms_of(const torch::Tensor& rows) {
  return rows.to(torch::kFloat32).norm(2, {-1}, true).clamp_min(kSmallestNorm);
}

/// Pools by weights that depend on cosines. The labels are normalised before the product and their norms are
/// multiplied in after the sum: the cosines are then the products over the patches' norms, and autograd keeps
/// two tensors of B·C·P numbers.
torch::Tensor weighted_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                              const LocalPooling& pooling) {
  const torch::Tensor label_norms = norms_of(label_emb);      // (C, 1)
  const torch::Tensor unit_labels = label_emb / label_norms;  // (C, D)
  const torch::Tensor products =
      products_of(patches, unit_labels.to(patches.scalar_type())).to(torch::kFloat32);  // (B, C, P)
  const torch::Tensor per_patch = norms_of(patches).reciprocal().transpose(1, 2);       // (B, 1, P)
  const torch::Tensor weights = pooling.kind == Pooling::kSoftmax
                                    ? torch::softmax(products * (per_patch * pooling.scale), 2)
                                    : transport_weights((products * per_patch).detach(), pooling.scale);
  return (weights * products).sum(2) * label_norms.squeeze(1);  // (B, C)
}

torch::Tensor mean_of_best_patches(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                   std::int64_t topk) {
  const torch::Tensor products = products_of(patches, label_emb);
  const bool plain = products.is_cpu() && products.scalar_type() == torch::kFloat32;
  return plain ? mean_of_best(products, topk) : mean_of_topk(products, topk);
}

/// Computes local_scores() for a few labels at a time; the backward pass recomputes the products. Results are
/// identical, with less memory.
class LocalScoresInTurn : public torch::autograd::Function<LocalScoresInTurn> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& patches,
                               const torch::Tensor& label_emb, const LocalPooling& pooling,
                               std::int64_t labels) {
    context->save_for_backward({patches, label_emb});
    context->saved_data["kind"] = static_cast<std::int64_t>(pooling.kind);
    context->saved_data["topk"] = pooling.topk;
    context->saved_data["scale"] = pooling.scale;
    context->saved_data["labels"] = labels;
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& some : label_emb.split(labels))
      parts.push_back(local_scores(patches, some, pooling));
    return torch::cat(parts, 1);  // (B, C)
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list outer) {
    const auto saved = context->get_saved_variables();
    const std::int64_t labels = context->saved_data["labels"].toInt();
    const LocalPooling pooling = pooling_of(*context);
    torch::Tensor patches_gradient;
    std::vector<torch::Tensor> label_gradients;
    const auto outer_parts = outer[0].split(labels, 1);
    const auto label_parts = saved[1].split(labels);
    for (std::size_t i = 0; i < label_parts.size(); ++i) {
      const at::AutoGradMode with_graph(true);
      const torch::Tensor patches = saved[0].detach().requires_grad_(context->needs_input_grad(0));
      const torch::Tensor some = label_parts[i].detach().requires_grad_(context->needs_input_grad(1));
      local_scores(patches, some, pooling).backward(outer_parts[i]);
      if (some.grad().defined()) label_gradients.push_back(some.grad());
      if (!patches.grad().defined()) continue;
      patches_gradient = patches_gradient.defined() ? patches_gradient.add_(patches.grad()) : patches.grad();
    }
    const torch::Tensor label_gradient =
        label_gradients.empty() ? torch::Tensor() : torch::cat(label_gradients);
    return {patches_gradient, label_gradient, torch::Tensor(), torch::Tensor()};
  }

 private:
  static LocalPooling pooling_of(torch::autograd::AutogradContext& context) {
    LocalPooling pooling(context.saved_data["topk"].toInt());
    pooling.kind = static_cast<Pooling>(context.saved_data["kind"].toInt());
    pooling.scale = context.saved_data["scale"].toDouble();
    return pooling;
  }
};

/// Transport compares all labels of an image, so that images are split instead of labels.
torch::Tensor transported_in_turn(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                  const LocalPooling& pooling, std::int64_t images) {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& some : patches.split(images))
    parts.push_back(LocalScoresInTurn::apply(some, label_emb, pooling, label_emb.size(0)));
  return torch::cat(parts);
}

/// Tensors of B·C·P numbers that a pooling's graph keeps.
std::int64_t tensors_kept(const LocalPooling& pooling) {
  return pooling.kind == Pooling::kTopk ? 1 : pooling.kind == Pooling::kSoftmax ? 2 : 4;
}

}  // namespace

bool LocalPooling::operator==(const LocalPooling& other) const {
  return kind == other.kind && (kind == Pooling::kTopk ? topk == other.topk : scale == other.scale);
}

std::string describe(const LocalPooling& pooling) {
  if (pooling.kind == Pooling::kTopk) return fmt::format("{} best patches", pooling.topk);
  return fmt::format("{} of {} × cosine", enum_name(pooling.kind), pooling.scale);
}

void check_pooling(const LocalPooling& pooling, std::int64_t patches) {
  if (pooling.kind != Pooling::kTopk) {
    TORCH_CHECK_VALUE(pooling.scale > 0 && std::isfinite(pooling.scale),
                      "local-scale: expected a positive factor on the cosines for the pooling ",
                      enum_name(pooling.kind), ", got ", pooling.scale, ". Give one.");
    return;
  }
  TORCH_CHECK_VALUE(1 <= pooling.topk && pooling.topk <= patches, "topk: expected 1 to ", patches,
                    " (the patches of an image), got ", pooling.topk, ".");
}

torch::Tensor products_of(const torch::Tensor& patches, const torch::Tensor& label_emb) {
  return at::bmm(label_emb.expand({patches.size(0), -1, -1}), patches.transpose(1, 2));
}

torch::Tensor local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                           const LocalPooling& pooling) {
  if (pooling.kind != Pooling::kTopk) return weighted_scores(patches, label_emb, pooling);
  return mean_of_topk(products_of(patches, label_emb), pooling.topk);
}

torch::Tensor local_scores_in_parts(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                    const LocalPooling& pooling) {
  const torch::NoGradGuard no_grad;
  const std::int64_t size = patches.is_cuda() ? kImagesAtOnceOnGpu : 1;
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& part : patches.split(size)) {
    parts.push_back(pooling.kind == Pooling::kTopk ? mean_of_best_patches(part, label_emb, pooling.topk)
                                                   : weighted_scores(part, label_emb, pooling));
  }
  return parts.empty() ? patches.new_empty({0, label_emb.size(0)}) : torch::cat(parts);
}

torch::Tensor differentiable_local_scores(const torch::Tensor& patches, const torch::Tensor& label_emb,
                                          const LocalPooling& pooling, std::int64_t products_at_once) {
  products_at_once /= tensors_kept(pooling);
  const bool by_image = is_relative(pooling);
  const std::int64_t whole = by_image ? patches.size(0) : label_emb.size(0);
  const std::int64_t products_of_each = patches.size(1) * (by_image ? label_emb.size(0) : patches.size(0));
  const std::int64_t some = std::max<std::int64_t>(1, products_at_once / products_of_each);
  if (whole <= some) return local_scores(patches, label_emb, pooling);
  torch::Tensor patches_as = patches;
  torch::Tensor labels_as = label_emb;
  const auto device = patches.device().type();
  if (at::autocast::is_autocast_enabled(device)) {  // autocast does not apply to backward
    const auto type = at::autocast::get_autocast_dtype(device);
    patches_as = patches.to(type);
    labels_as = label_emb.to(type);
  }
  return by_image ? transported_in_turn(patches_as, labels_as, pooling, some)
                  : LocalScoresInTurn::apply(patches_as, labels_as, pooling, some);
}

}  // namespace mkt::model
