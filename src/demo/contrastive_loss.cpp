#include "demo/contrastive_loss.h"

namespace mkt::demo {
namespace {

torch::Tensor normalised(const torch::Tensor& features) {
  return features / features.norm(2, {1}, true);
}

}  // namespace

torch::Tensor contrastive_loss(const torch::Tensor& images, const torch::Tensor& texts,
                               const torch::Tensor& logit_scale, const torch::Tensor& same) {
  const std::int64_t size = images.size(0);
  TORCH_CHECK_VALUE(images.dim() == 2 && size > 0 && images.sizes() == texts.sizes() &&
                        same.sizes() == at::IntArrayRef({size, size}),
                    "contrastive loss: expected images and texts (B, D) and same (B, B), got ",
                    images.sizes(), ", ", texts.sizes(), " and ", same.sizes(),
                    ". Pass as many texts as images.");
  const torch::Tensor logits =
      logit_scale.exp() * at::matmul(normalised(images), normalised(texts).t());  // (B, B)
  const torch::Tensor target = same.to(logits.scalar_type());
  const torch::Tensor share = target / target.sum(1, true);  // (B, B)
  const torch::Tensor of_image = (share * logits.log_softmax(1)).sum(1);
  const torch::Tensor of_text = (share * logits.t().log_softmax(1)).sum(1);
  return (of_image + of_text).mean() * -0.5;
}

torch::Tensor same_texts(const torch::Tensor& ids) {
  return ids.unsqueeze(1).eq(ids.unsqueeze(0)).all(2);
}

}  // namespace mkt::demo
