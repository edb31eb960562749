#include "train/stage2.h"

#include <fmt/format.h>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "io/sha256.h"
#include "labels/labels.h"
#include "mkt/model/prompt_learner.h"
#include "optim/table_adamw.h"
#include "train/training.h"
#include "weights/digest.h"

namespace mkt::train {
namespace {

constexpr const char* kRows = "model.rows";

model::Prompts make_prompts(const Stage2Options& options, const std::vector<std::string>& labels,
                            const TrainingData& data) {
  const labels::LabelInputs& text = options.training.text;
  const std::int64_t context = data.clip.architecture.text.context;
  return model::make_prompts(labels, model::PromptTemplate(text.prompt_template),
                             artifact::make_tokenizer(data.clip, text.merges), context);
}

model::PromptLearner make_learner(const Stage2Options& options, const std::vector<std::string>& labels,
                                  const TrainingData& data, const session::Runtime& runtime) {
  return {data.clip,
          make_prompts(options, labels, data),
          {options.labels_at_once, runtime.device, runtime.frozen_dtype()}};
}

class Stage2 : public Stage {
 public:
  Stage2(const Stage2Options& options, const TrainingData& data, session::Session& session)
      : options_(options),
        runtime_(session.runtime),
        encoder_(artifact::load_image_encoder(data.clip, options.ckpt_path, runtime_)),
        seen_(make_learner(options, data.train.seen, data, runtime_)),
        unseen_(make_learner(options, data.test.unseen, data, runtime_)),
        optimizer_(seen_.rows(), options.training.weight_decay),
        label_loss_(make_label_loss(options.training.label_loss, data.clip, session)),
        prompts_sha256_(weights::digest(make_prompts(options, data.train.seen, data).ids)) {
    artifact::check_pooling(options.training.local, encoder_.options());
  }

  std::string name() const override { return "stage 2"; }
  bool has_distillation() const override { return false; }

  nlohmann::ordered_json identity() const override {
    return {{"stage", 2},
            {"prompts_sha256", prompts_sha256_},
            {"ckpt_sha256", io::sha256_file(options_.ckpt_path)}};
  }

  std::string checkpoint_name(std::int64_t epoch) const override {
    return fmt::format("model_{}.pth", epoch);
  }

  void begin_step() override { features_ = seen_.begin_step(); }

  Losses losses(const torch::Tensor& images, const torch::Tensor& labels,
                const torch::Tensor& rows) override {
    torch::Tensor tokens;
    {
      const torch::NoGradGuard no_grad;
      tokens = encoder_.forward(images);  // (B, 1 + P, D)
      if (rows.defined()) tokens = tokens.index_select(0, rows);
    }
    const session::AutocastScope autocast(runtime_);
    return stage2_losses(model::image_features(tokens), features_, labels, options_.training.local,
                         *label_loss_);
  }

  void end_step() override {
    if (features_.grad().defined()) seen_.end_step();
  }

  loss::LabelLoss& label_loss() override { return *label_loss_; }

  std::vector<torch::Tensor> parameters() const override {
    std::vector<torch::Tensor> all = label_loss_->parameters();
    all.insert(all.begin(), seen_.rows());
    return all;
  }

  void update(double lr) override {
    optimizer_.step(lr);
    label_loss_->update(lr);
  }

  /// The table's other rows are CLIP's times the decay, so their average is CLIP's times the decay's average.
  weights::TensorMap averaged() override {
    return {{"rows", seen_.rows()}, {"decay", optimizer_.decay_tensor()}};
  }

  weights::TensorMap state() override {
    weights::TensorMap state = optimizer_.state();
    state[kRows] = seen_.rows().detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
    label_loss_->add_state(state);
    return state;
  }

  void load_state(const weights::TensorMap& state) override {
    const torch::NoGradGuard no_grad;
    weights::TensorMap rest = state;
    seen_.rows().detach().copy_(rest.at(kRows));
    rest.erase(kRows);
    label_loss_->take_state(rest);
    optimizer_.load_state(rest);
  }

  weights::TensorMap checkpoint() override { return seen_.state_dict(optimizer_.decay()); }

  clip::FrozenVisionEncoder image_encoder() override { return encoder_; }

  torch::Tensor label_features() override {
    unseen_.copy_rows(seen_, optimizer_.decay());
    return torch::cat({seen_.features(), unseen_.features()});
  }

 private:
  Stage2Options options_;
  session::Runtime runtime_;
  clip::FrozenVisionEncoder encoder_;
  model::PromptLearner seen_;
  model::PromptLearner unseen_;  // only for the evaluation
  optim::TableAdamW optimizer_;
  std::unique_ptr<loss::LabelLoss> label_loss_;
  std::string prompts_sha256_;  // SHA-256 of the seen labels' token ids
  torch::Tensor features_;      // (S, D), label features of the current step
};

}  // namespace

Losses stage2_losses(const model::ImageFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, const model::LocalPooling& local,
                     loss::LabelLoss& label_loss) {
  return {label_loss(scores_for(label_loss, features, seen_label_features, local), labels), torch::Tensor()};
}

std::string train_stage2(const Stage2Options& options, const std::string& resolved,
                         session::Session& session) {
  artifact::require_kind("ckpt-path", options.ckpt_path, artifact::FileKind::kStage1);
  const TrainingData data = load_training_data(options.training, options.ckpt_path, session);
  Stage2Options complete = options;
  complete.training.local = artifact::complete_pooling(options.training.local, data.clip);
  Stage2 stage(complete, data, session);
  return run_training(complete.training, resolved, data, stage, session);
}

}  // namespace mkt::train
