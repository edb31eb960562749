#include <torch/optim/adamw.h>

#include "bench/products.h"
#include "bench/ways.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/scores.h"
#include "mkt/model/student.h"
#include "optim/table_adamw.h"
#include "train/stage2.h"
#include "train/step.h"

namespace mkt::bench {
namespace {

constexpr double kRate = 1e-3;
constexpr double kDecay = 0.05;
constexpr std::int64_t kPresent = 5;  // present labels per image
constexpr std::int64_t kLongestLabel = 3;

test::ClipShape clip_shape(const Stage2Case& options) {
  return options.shape == "tiny" ? test::tiny_clip_shape() : test::ClipShape{};
}

/// Builds prompts "There is a {label} in the scene" with labels of one to three tokens; half of the labels
/// have one token. The template's token ids are those of CLIP's tokenizer; the label tokens are drawn from
/// the vocabulary.
model::Prompts prompts_of(const Stage2Case& options) {
  const std::vector<std::int64_t> before{49406, 997, 533, 320};
  const std::vector<std::int64_t> after{530, 518, 3562, 49407};
  const std::vector<std::int64_t> lengths{1, 2, 1, 3, 1, 2};
  const test::ClipShape shape = clip_shape(options);
  torch::Tensor ids = torch::zeros({options.labels, shape.context}, torch::kInt64);
  torch::Tensor label_end = torch::empty({options.labels}, torch::kInt64);
  const torch::Tensor words =
      test::formula_tensor("bench/labels", {options.labels, kLongestLabel}, 1000, 40000).to(torch::kInt64);
  for (std::int64_t i = 0; i < options.labels; ++i) {
    const std::int64_t length = lengths[static_cast<std::size_t>(i) % lengths.size()];
    const torch::Tensor text =
        torch::cat({torch::tensor(before, torch::kInt64), words[i].narrow(0, 0, length),
                    torch::tensor(after, torch::kInt64)});
    ids[i].narrow(0, 0, text.size(0)).copy_(text);
    label_end[i] = static_cast<std::int64_t>(before.size()) + length;
  }
  return {ids, torch::full_like(label_end, static_cast<std::int64_t>(before.size())), label_end};
}

model::Student student_of(const Stage2Given& given) {
  model::Student student = model::make_student_from_checkpoint(given.student, "formula");
  student->to(given.runtime.device);
  return student;
}

std::int64_t topk_of(const clip::VisionOptions& options) {
  return std::min<std::int64_t>(16, options.grid * options.grid);
}

torch::Tensor all_pairs_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::Tensor mask = (labels.eq(1).unsqueeze(2) & labels.eq(-1).unsqueeze(1)).to(torch::kFloat32);
  const torch::Tensor margins = 1 + logits.unsqueeze(1) - logits.unsqueeze(2);  // (B, C present, C absent)
  const torch::Tensor terms = margins.clamp_min(0) * mask;                      // (B, C, C)
  const torch::Tensor count = terms.gt(0).sum({1, 2}).to(torch::kFloat32);
  return (terms.sum({1, 2}) / (count + 1e-8)).mean();
}

class LongStage2 : public Stage2Way {
 public:
  explicit LongStage2(const Stage2Given& given)
      : prompts_(given.prompts),
        student_(student_of(given)),
        encoder_(clip::make_text_encoder({given.clip, "formula"})),
        clip_table_(given.clip.at("token_embedding.weight").to(torch::kFloat32)),
        images_(given.images),
        labels_(given.labels),
        topk_(topk_of(student_->options)) {
    for (const auto& parameter : encoder_->named_parameters()) parameter.value().set_requires_grad(false);
    encoder_->token_embedding->weight.set_requires_grad(true);
    const torch::Tensor position = torch::arange(prompts_.ids.size(1)).unsqueeze(0);
    own_ = (position.ge(prompts_.label_start.unsqueeze(1)) & position.lt(prompts_.label_end.unsqueeze(1)))
               .unsqueeze(2);
    optimizer_ =
        std::make_unique<torch::optim::AdamW>(std::vector<torch::Tensor>{encoder_->token_embedding->weight},
                                              torch::optim::AdamWOptions(kRate).weight_decay(kDecay));
  }

  torch::Tensor step() override {
    optimizer_->zero_grad();
    const torch::Tensor ids = prompts_.ids;
    const torch::Tensor embedded =
        torch::where(own_, torch::embedding(clip_table_, ids), encoder_->embed(ids));  // (C, 77, W)
    const torch::Tensor tokens =
        encoder_->run(encoder_->add_positions(embedded), 0, encoder_->options.layers);
    const torch::Tensor features = encoder_->finish(tokens, clip::end_positions(ids));
    const torch::Tensor logits =
        model::combine(model::branch_scores(student_->features(images_), features, topk_));
    const torch::Tensor loss = all_pairs_loss(logits, labels_);
    loss.backward();
    optimizer_->step();
    return loss.detach();
  }

  std::int64_t bytes_exchanged() const override {
    return static_cast<std::int64_t>(encoder_->token_embedding->weight.grad().nbytes());
  }

 private:
  model::Prompts prompts_;
  model::Student student_;
  clip::TextEncoder encoder_;
  torch::Tensor clip_table_, own_, images_, labels_;
  std::int64_t topk_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

class OurStage2 : public Stage2Way {
 public:
  explicit OurStage2(const Stage2Given& given)
      : runtime_(given.runtime),
        learner_({given.clip, "formula"}, given.prompts,
                 {model::PromptLearnerOptions().labels_at_once, runtime_.device, runtime_.frozen_dtype()}),
        encoder_(model::vision_encoder(student_of(given)), runtime_.frozen_dtype()),
        optimizer_(learner_.rows(), kDecay),
        images_(given.images.to(runtime_.device)),
        labels_(given.labels),
        topk_(topk_of(encoder_.options())) {}

  torch::Tensor step() override {
    train::zero_gradients({learner_.rows()});
    const auto images = model::image_features(encoder_.forward(images_));
    const torch::Tensor features = learner_.begin_step();
    torch::Tensor loss;
    {
      const session::AutocastScope autocast(runtime_);
      loss = train::stage2_losses(images, features, labels_, topk_, *label_loss_).total();
    }
    loss.backward();
    learner_.end_step();
    optimizer_.step(kRate);
    return loss.detach();
  }

  std::int64_t bytes_exchanged() const override {
    return static_cast<std::int64_t>(learner_.rows().grad().nbytes());
  }

 private:
  session::Runtime runtime_;
  model::PromptLearner learner_;
  clip::FrozenVisionEncoder encoder_;
  optim::TableAdamW optimizer_;
  torch::Tensor images_, labels_;
  std::int64_t topk_;
  std::unique_ptr<loss::LabelLoss> label_loss_ = loss::make_label_loss();
};

}  // namespace

Stage2Given formula_stage2(const Stage2Case& options) {
  const test::ClipShape shape = clip_shape(options);
  const std::int64_t side = shape.patch * shape.grid;
  torch::Tensor labels = torch::full({options.images, options.labels}, -1, torch::kInt8);
  labels.slice(1, 0, options.labels, std::max<std::int64_t>(options.labels / kPresent, 1)).fill_(1);
  return {test::formula_clip_state(shape),
          test::formula_student_state(shape),
          prompts_of(options),
          test::formula_tensor("bench/images", {options.images, 3, side, side}, -2, 2),
          labels,
          {}};
}

std::unique_ptr<Stage2Way> make_long_stage2(const Stage2Given& given) {
  return std::make_unique<LongStage2>(given);
}

std::unique_ptr<Stage2Way> make_our_stage2(const Stage2Given& given) {
  return std::make_unique<OurStage2>(given);
}

std::function<void()> stage2_products(const Stage2Given& given) {
  const auto vision = clip::vision_options(given.clip);
  const auto text = clip::text_options(given.clip, "formula");
  const torch::Tensor shared = given.prompts.label_start.min();
  const std::int64_t rows = shared.item<std::int64_t>() +
                            (clip::end_positions(given.prompts.ids) + 1 - shared).sum().item<std::int64_t>();
  // The backward pass through frozen weights costs as much as the forward pass: only input gradients are
  // computed.
  return [images = image_products(vision, given.images.size(0), vision.layers),
          labels = block_products(rows, text.width, 2 * text.layers)] {
    images();
    labels();
  };
}

}  // namespace mkt::bench
