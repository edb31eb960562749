#include "train/stage1.h"

#include <fmt/format.h>

#include <utility>

#include "artifact/encoders.h"
#include "core/text.h"
#include "labels/labels.h"
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

/// Returns scores (B, S), the student's class token and the teacher's, (B, D) each.
std::vector<torch::Tensor> outputs_of(const model::DistillationFeatures& features,
                                      const torch::Tensor& seen_label_features,
                                      const model::LocalPooling& local, const loss::LabelLoss& label_loss) {
  return {scores_for(label_loss, features.student, seen_label_features, local),
          features.student.global.to(torch::kFloat32), features.teacher_global};
}

Losses losses_of(const std::vector<torch::Tensor>& outputs, const torch::Tensor& labels,
                 loss::LabelLoss& label_loss) {
  return {label_loss(outputs[0], labels), torch::l1_loss(outputs[1], outputs[2])};
}

class Stage1 : public Stage {
 public:
  Stage1(const Stage1Options& options, const TrainingData& data, session::Session& session)
      : options_(options),
        runtime_(session.runtime),
        seen_(data.seen_labels()),
        label_loss_(make_label_loss(options.training.label_loss, data.clip, session)) {
    labels::LabelInputs inputs = options.training.text;
    inputs.labels = data::all_labels(data.test);
    student_ = model::make_student(data.clip, static_cast<std::uint64_t>(options.training.seed));
    artifact::check_pooling(options.training.local, student_->options);
    clip::VisionEncoder teacher = clip::make_vision_encoder(data.clip);
    student_->to(runtime_.device);
    teacher->to(runtime_.device);
    build_optimizer();
    model::DistillationPair pair(student_, teacher, options.fix_layer, runtime_.frozen_dtype());
    label_features_ = labels::load_label_features(options.training.data_path, inputs, data.clip, session);
    losses_ = std::make_unique<Stage1Losses>(std::move(pair), trained_, label_features_.slice(0, 0, seen_),
                                             options.training.local, *label_loss_);
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

  Losses losses(const torch::Tensor& images, const torch::Tensor& labels,
                const torch::Tensor& rows) override {
    const session::AutocastScope autocast(runtime_);
    return (*losses_)(images, labels, rows);
  }

  loss::LabelLoss& label_loss() override { return *label_loss_; }

  std::vector<torch::Tensor> parameters() const override {
    std::vector<torch::Tensor> all = trained_;
    for (const torch::Tensor& parameter : label_loss_->parameters()) all.push_back(parameter);
    return all;
  }

  weights::TensorMap averaged() override {
    weights::TensorMap found;
    for (const auto& parameter : student_->named_parameters()) {
      if (parameter.value().requires_grad()) found[parameter.key()] = parameter.value();
    }
    return found;
  }

  void update(double lr) override {
    optim::set_learning_rate(*optimizer_, groups_, lr);
    optim::step(*optimizer_);
    label_loss_->update(lr);
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
    label_loss_->add_state(state);
    return state;
  }

  void load_state(const weights::TensorMap& state) override {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : with_prefix(state, kModelPrefix)) {
      student_->named_parameters()[name].copy_(tensor);
    }
    optim::load_optimizer_state(*optimizer_, groups_, with_prefix(state, kOptimizerPrefix));
    weights::TensorMap rest = state;
    label_loss_->take_state(rest);
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
  std::unique_ptr<loss::LabelLoss> label_loss_;
  model::Student student_{nullptr};
  std::unique_ptr<Stage1Losses> losses_;
  torch::Tensor label_features_;  // (S + U, D)
  std::vector<optim::ParameterGroup> groups_;
  std::vector<torch::Tensor> trained_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace

Losses stage1_losses(const model::DistillationFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, const model::LocalPooling& local,
                     loss::LabelLoss& label_loss) {
  return losses_of(outputs_of(features, seen_label_features, local, label_loss), labels, label_loss);
}

Stage1Losses::Stage1Losses(model::DistillationPair pair, std::vector<torch::Tensor> trained,
                           torch::Tensor seen_label_features, const model::LocalPooling& local,
                           loss::LabelLoss& label_loss)
    : pair_(std::move(pair)),
      trained_(std::move(trained)),
      seen_label_features_(std::move(seen_label_features)),
      local_(local),
      label_loss_(label_loss) {}

Losses Stage1Losses::operator()(const torch::Tensor& images, const torch::Tensor& labels,
                                const torch::Tensor& rows) {
  std::vector<torch::Tensor> outputs;
  if (images.is_cpu()) {
    outputs = outputs_of(pair_.forward(images), seen_label_features_, local_, label_loss_);
  } else {
    outputs = graphs_.apply(images, trained_, [this](const torch::Tensor& input) {
      return outputs_of(pair_.forward(input), seen_label_features_, local_, label_loss_);
    });
  }
  if (rows.defined()) {
    for (torch::Tensor& output : outputs) output = output.index_select(0, rows);
  }
  return losses_of(outputs, labels, label_loss_);
}

std::string train_stage1(const Stage1Options& options, const std::string& resolved,
                         session::Session& session) {
  const TrainingData data = load_training_data(options.training, "", session);
  Stage1Options complete = options;
  complete.training.local = artifact::complete_pooling(options.training.local, data.clip);
  Stage1 stage(complete, data, session);
  return run_training(complete.training, resolved, data, stage, session);
}

}  // namespace mkt::train
