#include "parity/golden_stages.h"

#include "mkt/image/transforms.h"
#include "mkt/loss/ranking.h"
#include "mkt/model/distillation.h"
#include "mkt/model/scores.h"
#include "mkt/text/tokenizer.h"
#include "mkt/weights/checkpoint.h"
#include "optim/schedule.h"
#include "support/formula.h"
#include "train/stage1.h"
#include "train/stage2.h"
#include "train/step.h"

namespace mkt::test {
namespace {

constexpr double kWeightDecay = 0.05;
constexpr std::int64_t kBatches = 6;

optim::CosineSchedule schedule_of(const nlohmann::json& args) {
  return {args["lr"], args["min_lr"], args["warmup"], args["epochs"]};
}

double rate_of(const nlohmann::json& training, std::int64_t step) {
  const auto& args = training["args"];
  return schedule_of(args).at(static_cast<double>(step) / args["steps_per_epoch"].get<double>());
}

/// Factor on the loss, by which the gradients are divided again: in fp16, small ones would become zero.
double scale_of(const session::Runtime& runtime) {
  return runtime.precision == session::Precision::kFp16 ? 1024.0 : 1.0;
}

model::Student make_student(const session::Runtime& runtime) {
  model::Student student = model::make_student_from_checkpoint(moved_student_state(), "golden student");
  student->to(runtime.device);
  return student;
}

model::PromptLearner make_learner(const nlohmann::json& training, std::int64_t labels_at_once,
                                  const session::Runtime& runtime) {
  const text::Tokenizer tokenizer(text::default_merges_path(), tiny_clip_shape().vocab);
  return {
      {tiny_weights(), "golden CLIP"},
      model::make_prompts(training["labels"].get<std::vector<std::string>>(),
                          model::PromptTemplate(training["prompt"]), tokenizer, tiny_clip_shape().context),
      {labels_at_once, runtime.device, runtime.frozen_dtype()}};
}

void divide_gradients(const std::vector<torch::Tensor>& parameters, double scale) {
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) parameter.grad().div_(scale);
  }
}

}  // namespace

GoldenStage1::GoldenStage1(const session::Runtime& runtime)
    : training(golden_training("stage1")), student(make_student(runtime)), runtime_(runtime) {
  clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "golden CLIP"});
  teacher->to(runtime.device);
  const optim::LayerDecay decay{training["args"]["layers"], training["args"]["fix_layer"], 0.65,
                                kWeightDecay};
  const auto parameters = student->named_parameters();
  groups_ = optim::parameter_groups(parameters, decay);
  std::vector<torch::Tensor> trained;
  for (const auto& parameter : parameters) {
    parameter.value().requires_grad_(optim::trainable(parameter.key(), decay));
    if (parameter.value().requires_grad()) trained.push_back(parameter.value());
  }
  optimizer_ = optim::make_adamw(parameters, groups_, 0);
  losses_ = std::make_unique<train::Stage1Losses>(
      model::DistillationPair(student, teacher, training["args"]["fix_layer"], runtime.frozen_dtype()),
      trained, weights::load_tensor(golden("label_emb.pth")).to(runtime.device),
      training["args"]["topk"].get<std::int64_t>(), *label_loss_);
}

train::Losses GoldenStage1::losses_of(const GoldenBatch& batch) {
  const torch::Tensor rows = train::rows_with_positives(batch.labels);
  const torch::Tensor labels = batch.labels.index_select(0, rows);
  const session::AutocastScope autocast(runtime_);
  if (runtime_.device.is_cpu()) return (*losses_)(batch.images.index_select(0, rows), labels);
  return (*losses_)(batch.images.to(runtime_.device), labels, rows.to(runtime_.device));
}

train::Losses GoldenStage1::take_step(std::int64_t step) {
  optim::set_learning_rate(*optimizer_, groups_, rate_of(training, step));
  optimizer_->zero_grad();
  const train::Losses losses = losses_of(golden_batch(step % kBatches));
  const double scale = scale_of(runtime_);
  (losses.total() * scale).backward();
  divide_gradients(student->parameters(), scale);
  optim::step(*optimizer_);
  return losses;
}

GoldenStage2::GoldenStage2(std::int64_t labels_at_once, const session::Runtime& runtime)
    : training(golden_training("stage2")),
      learner(make_learner(training, labels_at_once, runtime)),
      optimizer(learner.rows(), kWeightDecay),
      runtime_(runtime),
      images_(model::vision_encoder(make_student(runtime)), runtime.frozen_dtype()) {}

double GoldenStage2::rate_at(std::int64_t step) const {
  return rate_of(training, step);
}

double GoldenStage2::take_step(std::int64_t step) {
  const GoldenBatch batch = golden_batch(step % kBatches);
  const torch::Tensor kept = train::rows_with_positives(batch.labels);
  const torch::Tensor images = batch.images.index_select(0, kept).to(runtime_.device);
  const auto features = model::image_features(images_.forward(images));
  train::zero_gradients({learner.rows()});
  const torch::Tensor labels = learner.begin_step();
  torch::Tensor loss;
  {
    const session::AutocastScope autocast(runtime_);
    const auto label_loss = loss::make_label_loss();
    loss = train::stage2_losses(features, labels, batch.labels.index_select(0, kept),
                                training["args"]["topk"].get<std::int64_t>(), *label_loss)
               .total();
  }
  const double scale = scale_of(runtime_);
  (loss * scale).backward();
  learner.end_step();
  divide_gradients({learner.rows()}, scale);
  optimizer.step(rate_at(step));
  return loss.item<double>();
}

}  // namespace mkt::test
