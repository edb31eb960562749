#include "demo/contrastive_training.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/progress.h"
#include "demo/contrastive_loss.h"
#include "mkt/image/transforms.h"
#include "optim/schedule.h"
#include "world/world.h"

namespace mkt::demo {
namespace {

constexpr double kMostScale = 4.6052;  // maximum of the logit scale: ln 100, as in CLIP
constexpr std::int64_t kLengths = 4;   // a batch's texts are sorted by length and encoded in this many groups

torch::optim::AdamW make_optimizer(const NewClip& clip, const ContrastiveOptions& options) {
  std::vector<torch::Tensor> matrices;
  std::vector<torch::Tensor> others;
  for (const torch::Tensor& parameter : clip.parameters()) {
    (parameter.dim() > 1 ? matrices : others).push_back(parameter);
  }
  const auto settings = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(options.lr).betas({0.9, options.beta2}).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(matrices, settings(options.weight_decay));
  groups.emplace_back(others, settings(0));
  return torch::optim::AdamW(groups);
}

torch::Tensor batch_loss(const NewClip& clip, const CaptionedImages& batch, const session::Runtime& runtime) {
  const session::AutocastScope autocast(runtime);
  const torch::Tensor tokens =
      clip.visual->forward(image::normalize(batch.images, kDemoPreprocessing, runtime.device));  // (B, T, D)
  const torch::Tensor texts = encode_by_length(clip.text, batch.ids);                            // (B, D)
  return contrastive_loss(tokens.select(1, 0), texts, clip.logit_scale,
                          same_texts(batch.ids).to(runtime.device));
}

}  // namespace

torch::Tensor encode_by_length(const clip::TextEncoder& text, const torch::Tensor& ids) {
  const torch::Tensor order = clip::end_positions(ids).argsort();
  std::vector<torch::Tensor> features;
  for (const torch::Tensor& group : order.chunk(std::min(kLengths, ids.size(0)))) {
    features.push_back(text->encode(ids.index_select(0, group)));
  }
  return torch::cat(features).index_select(0, order.argsort().to(features[0].device()));
}

double train_contrastive(NewClip& clip, const ContrastiveOptions& options,
                         const std::function<CaptionedImages(std::int64_t)>& batch_of,
                         const session::Runtime& runtime) {
  torch::optim::AdamW optimizer = make_optimizer(clip, options);
  const optim::CosineSchedule schedule{options.lr, 0, options.warmup_steps,
                                       static_cast<double>(options.steps)};
  const std::int64_t last_tenth = options.steps - std::max<std::int64_t>(1, options.steps / 10);
  Progress progress("pre-training", options.steps, "steps");
  double sum = 0;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    const double lr = schedule.at(static_cast<double>(step + 1));
    for (auto& group : optimizer.param_groups()) group.options().set_lr(lr);
    optimizer.zero_grad();
    const torch::Tensor loss = batch_loss(clip, batch_of(step), runtime);
    loss.backward();
    torch::nn::utils::clip_grad_norm_(clip.parameters(), options.gradient_norm);
    optimizer.step();
    const torch::NoGradGuard no_grad;
    clip.logit_scale.clamp_max_(kMostScale);
    const double value = loss.item<double>();
    TORCH_CHECK(std::isfinite(value), "pre-training: expected a finite loss, got ", value, " at step ", step,
                ". Use a smaller learning rate.");
    if (step >= last_tenth) sum += value;
    progress.update(step + 1, fmt::format("loss {:.3f}, lr {:g}", value, lr));
  }
  return sum / static_cast<double>(options.steps - last_tenth);
}

}  // namespace mkt::demo
