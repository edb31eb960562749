#include <algorithm>

#include "bench/products.h"
#include "bench/ways.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/model/distillation.h"
#include "optim/adamw.h"
#include "train/stage1.h"
#include "train/step.h"

namespace mkt::bench {
namespace {

constexpr double kRate = 1e-3;
constexpr std::int64_t kTopk = 16;
constexpr std::int64_t kApart = 90;  // one label in kApart is present per image

/// Frozen blocks: the default of train_stage1, or all but two of a smaller encoder.
std::int64_t fix_layer_of(const clip::VisionOptions& options) {
  return std::min(optim::LayerDecay().fix_layer, options.layers - 2);
}

/// Common part of both implementations: losses, backward pass, and AdamW over the trained parameters.
class Stage1Way : public Way {
 public:
  Stage1Way(const Stage1Given& given, const session::Runtime& runtime)
      : student_(model::make_student_from_checkpoint(given.student, "formula")),
        images_(given.images.to(runtime.device)),
        labels_(given.labels),
        label_features_(given.label_features.to(runtime.device)),
        runtime_(runtime) {
    student_->to(runtime.device);
    optim::LayerDecay decay{student_->options.layers};
    decay.fix_layer = fix_layer_of(student_->options);
    const auto parameters = student_->named_parameters();
    groups_ = optim::parameter_groups(parameters, decay);
    for (const auto& parameter : parameters) {
      parameter.value().set_requires_grad(optim::trainable(parameter.key(), decay) &&
                                          model::takes_part(parameter.key()));
      if (parameter.value().requires_grad()) trained_.push_back(parameter.value());
    }
    optimizer_ = optim::make_adamw(parameters, groups_, kRate);
    fix_layer_ = decay.fix_layer;
  }

  torch::Tensor step() override {
    train::zero_gradients(trained_);
    torch::Tensor loss;
    {
      const session::AutocastScope autocast(runtime_);
      loss = losses().total();
    }
    loss.backward();
    optim::step(*optimizer_);
    return loss.detach();
  }

 protected:
  virtual train::Losses losses() = 0;

  model::Student student_;
  torch::Tensor images_, labels_, label_features_;
  std::vector<torch::Tensor> trained_;
  std::unique_ptr<loss::LabelLoss> label_loss_ = loss::make_label_loss();
  std::int64_t fix_layer_ = 0;

 private:
  session::Runtime runtime_;
  std::vector<optim::ParameterGroup> groups_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

class LongStage1 : public Stage1Way {
 public:
  explicit LongStage1(const Stage1Given& given)
      : Stage1Way(given, {}), teacher_(clip::make_vision_encoder({given.clip, "formula"})) {}

 protected:
  train::Losses losses() override {
    torch::Tensor teacher;
    {
      const at::NoGradGuard no_grad;
      teacher = teacher_->forward(images_).select(1, 0);
    }
    return train::stage1_losses({student_->features(images_), teacher}, label_features_, labels_, kTopk,
                                *label_loss_);
  }

 private:
  clip::VisionEncoder teacher_;
};

clip::VisionEncoder teacher_of(const Stage1Given& given) {
  clip::VisionEncoder teacher = clip::make_vision_encoder({given.clip, "formula"});
  teacher->to(given.runtime.device);
  return teacher;
}

class OurStage1 : public Stage1Way {
 public:
  explicit OurStage1(const Stage1Given& given)
      : Stage1Way(given, given.runtime),
        losses_({student_, teacher_of(given), fix_layer_, given.runtime.frozen_dtype()}, trained_,
                label_features_, kTopk, *label_loss_) {}

 protected:
  train::Losses losses() override { return losses_(images_, labels_); }

 private:
  train::Stage1Losses losses_;
};

}  // namespace

Stage1Given formula_stage1(std::int64_t images, std::int64_t labels, const test::ClipShape& shape) {
  const std::int64_t side = shape.patch * shape.grid;
  torch::Tensor present = torch::full({images, labels}, -1, torch::kInt8);
  present.slice(1, 0, labels, kApart).fill_(1);
  return {test::formula_clip_state(shape),
          test::formula_student_state(shape),
          test::formula_tensor("images", {images, 3, side, side}, -2, 2),
          present,
          test::formula_tensor("labels", {labels, shape.embed_dim}, -1, 1),
          {}};
}

std::unique_ptr<Way> make_long_stage1(const Stage1Given& given) {
  return std::make_unique<LongStage1>(given);
}

std::unique_ptr<Way> make_our_stage1(const Stage1Given& given) {
  return std::make_unique<OurStage1>(given);
}

std::function<void()> stage1_products(const Stage1Given& given) {
  const auto options = clip::vision_options(given.clip);
  const std::int64_t fix_layer = fix_layer_of(options);
  const std::int64_t trained = options.layers - fix_layer;
  // The backward pass costs twice the forward pass. In the teacher's last block only the class token is
  // computed; it is not counted.
  return image_products(options, given.images.size(0), fix_layer + 3 * trained + trained - 1);
}

}  // namespace mkt::bench
