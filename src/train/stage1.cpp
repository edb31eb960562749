#include "train/stage1.h"

#include <fmt/format.h>

#include "artifact/encoders.h"
#include "core/text.h"
#include "labels/labels.h"
#include "mkt/loss/ranking.h"
#include "mkt/model/scores.h"
#include "mkt/model/student.h"
#include "optim/adamw.h"
#include "optim/parameter_groups.h"
#include "train/training.h"
#include "weights/digest.h"

namespace mkt::train {
namespace {

constexpr const char* kModelPrefix = "model.";
constexpr const char* kOptimizerPrefix = "optimizer.";

/// Selects the tensors whose names begin with `prefix`, and removes the prefix from their names.
weights::TensorMap with_prefix(const weights::TensorMap& tensors, const std::string& prefix) {
  weights::TensorMap found;
  for (const auto& [name, tensor] : tensors) {
    if (starts_with(name, prefix)) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

class Stage1 : public Stage {
 public:
  Stage1(const Stage1Options& options, const TrainingData& data, session::Session& session)
      : options_(options), runtime_(session.runtime), seen_(data.seen_labels()) {
    labels::LabelInputs inputs = options.training.text;
    inputs.labels = data::all_labels(data.test);
    student_ = model::make_student(data.clip_weights, inputs.clip_path,
                                   static_cast<std::uint64_t>(options.training.seed));
    artifact::check_topk(options.training.topk, student_->options);
    clip::VisionEncoder teacher = clip::make_vision_encoder(data.clip_weights, inputs.clip_path);
    student_->to(runtime_.device);
    teacher->to(runtime_.device);
    build_optimizer();
    pair_ = std::make_unique<model::DistillationPair>(student_, teacher, options.fix_layer,
                                                      runtime_.frozen_dtype());
    label_features_ =
        labels::load_label_features(options.training.data_path, inputs, data.clip_weights, session);
  }

  std::string name() const override { return "stage 1"; }
  bool has_distillation() const override { return true; }

  nlohmann::ordered_json identity() const override {
    return {{"stage", 1},
            {"layer_decay", options_.layer_decay},
            {"fix_layer", options_.fix_layer},
            {"label_features_sha256", weights::digest(label_features_.cpu())}};
  }

  std::string checkpoint_name(std::int64_t epoch) const override {
    return fmt::format("model_epoch_{}.pth", epoch);
  }

  Losses losses(const torch::Tensor& images, const torch::Tensor& labels) override {
    const session::AutocastScope autocast(runtime_);
    return stage1_losses(pair_->forward(images), label_features_.slice(0, 0, seen_), labels,
                         options_.training.topk);
  }

  std::vector<torch::Tensor> parameters() const override { return trained_; }

  void update(double lr) override {
    optim::set_learning_rate(*optimizer_, groups_, lr);
    optim::step(*optimizer_);
  }

  weights::TensorMap state() override {
    weights::TensorMap state;
    for (const auto& parameter : student_->named_parameters()) {
      if (!parameter.value().requires_grad()) continue;
      state[kModelPrefix + parameter.key()] = parameter.value().detach().cpu();
    }
    for (const auto& [name, tensor] : optim::optimizer_state(*optimizer_, groups_)) {
      state[kOptimizerPrefix + name] = tensor;
    }
    return state;
  }

  void load_state(const weights::TensorMap& state) override {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : with_prefix(state, kModelPrefix)) {
      student_->named_parameters()[name].copy_(tensor);
    }
    optim::load_optimizer_state(*optimizer_, groups_, with_prefix(state, kOptimizerPrefix));
  }

  weights::TensorMap checkpoint() override { return model::state_dict(*student_); }

  clip::FrozenVisionEncoder image_encoder() override {
    return clip::FrozenVisionEncoder(model::vision_encoder(student_), runtime_.frozen_dtype());
  }

  torch::Tensor label_features() override { return label_features_; }

 private:
  void build_optimizer() {
    const optim::LayerDecay decay{student_->options.layers, options_.fix_layer, options_.layer_decay,
                                  options_.training.weight_decay};
    const auto parameters = student_->named_parameters();
    groups_ = optim::parameter_groups(parameters, decay);
    for (const auto& parameter : parameters) {
      const bool trains = optim::trainable(parameter.key(), decay) && model::takes_part(parameter.key());
      parameter.value().requires_grad_(trains);
      if (trains) trained_.push_back(parameter.value());
    }
    optimizer_ = optim::make_adamw(parameters, groups_, options_.training.lr);
  }

  Stage1Options options_;
  session::Runtime runtime_;
  std::int64_t seen_;
  model::Student student_{nullptr};
  std::unique_ptr<model::DistillationPair> pair_;
  torch::Tensor label_features_;  // (S + U, D)
  std::vector<optim::ParameterGroup> groups_;
  std::vector<torch::Tensor> trained_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace

Losses stage1_losses(const model::DistillationFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, std::int64_t topk) {
  const auto branches = model::branch_scores(features.student, seen_label_features, topk);
  const torch::Tensor logits = model::combine(branches);  // (B, S)
  return {loss::ranking_loss(logits.to(torch::kFloat32), labels),
          torch::l1_loss(features.student.global.to(torch::kFloat32), features.teacher_global)};
}

std::string train_stage1(const Stage1Options& options, const std::string& resolved,
                         session::Session& session) {
  const TrainingData data = load_training_data(options.training, session);
  Stage1 stage(options, data, session);
  return run_training(options.training, resolved, data, stage, session);
}

}  // namespace mkt::train
