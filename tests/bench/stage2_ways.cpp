#include "bench/stage2_ways.h"

#include <torch/optim/adamw.h>

#include "mkt/clip/vision.h"
#include "mkt/loss/ranking.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/scores.h"
#include "mkt/model/student.h"
#include "mkt/optim/table_adamw.h"

namespace mkt::bench {
namespace {

constexpr double kRate = 1e-3;
constexpr double kDecay = 0.05;
constexpr std::int64_t kPresent = 5;  // labels an image
constexpr std::int64_t kLongestLabel = 3;

/// "There is a {label} in the scene" with labels of one to three tokens, half of them of one: ids as CLIP's
/// tokenizer gives them, the labels' own drawn from the vocabulary.
model::Prompts prompts_of(const Stage2Case& options) {
  const std::vector<std::int64_t> before{49406, 997, 533, 320};
  const std::vector<std::int64_t> after{530, 518, 3562, 49407};
  const std::vector<std::int64_t> lengths{1, 2, 1, 3, 1, 2};
  const test::ClipShape shape = options.clip_shape();
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

/// What both ways are given.
struct Given {
  explicit Given(const Stage2Case& options)
      : clip(test::formula_clip_state(options.clip_shape())),
        prompts(prompts_of(options)),
        student(model::make_student_from_checkpoint(test::formula_student_state(options.clip_shape()),
                                                    "formula")) {
    const std::int64_t side = student->options.grid * student->options.patch;
    images = test::formula_tensor("bench/images", {options.images, 3, side, side}, -2, 2);
    labels = torch::full({options.images, options.labels}, -1, torch::kInt8);
    labels.slice(1, 0, options.labels, std::max<std::int64_t>(options.labels / kPresent, 1)).fill_(1);
  }

  std::int64_t topk() const {
    return std::min<std::int64_t>(16, student->options.grid * student->options.grid);
  }

  clip::TensorMap clip;
  model::Prompts prompts;
  model::Student student;
  torch::Tensor images;  // (B, 3, H, H)
  torch::Tensor labels;  // (B, C) int8
};

torch::Tensor all_pairs_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::Tensor mask = (labels.eq(1).unsqueeze(2) & labels.eq(-1).unsqueeze(1)).to(torch::kFloat32);
  const torch::Tensor margins = 1 + logits.unsqueeze(1) - logits.unsqueeze(2);  // (B, C present, C absent)
  const torch::Tensor terms = margins.clamp_min(0) * mask;                      // (B, C, C)
  const torch::Tensor count = terms.gt(0).sum({1, 2}).to(torch::kFloat32);
  return (terms.sum({1, 2}) / (count + 1e-8)).mean();
}

class LongWay : public Stage2Way {
 public:
  explicit LongWay(const Stage2Case& options) : LongWay(Given(options)) {}

  double step() override {
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
    return loss.item<double>();
  }

  std::int64_t bytes_exchanged() const override {
    return static_cast<std::int64_t>(encoder_->token_embedding->weight.grad().nbytes());
  }

 private:
  explicit LongWay(Given given)
      : prompts_(given.prompts),
        student_(given.student),
        encoder_(clip::make_text_encoder(given.clip, "formula")),
        clip_table_(given.clip.at("token_embedding.weight")),
        images_(given.images),
        labels_(given.labels),
        topk_(given.topk()) {
    for (const auto& parameter : encoder_->named_parameters()) parameter.value().set_requires_grad(false);
    encoder_->token_embedding->weight.set_requires_grad(true);
    const torch::Tensor position = torch::arange(prompts_.ids.size(1)).unsqueeze(0);
    own_ = (position.ge(prompts_.label_start.unsqueeze(1)) & position.lt(prompts_.label_end.unsqueeze(1)))
               .unsqueeze(2);
    optimizer_ =
        std::make_unique<torch::optim::AdamW>(std::vector<torch::Tensor>{encoder_->token_embedding->weight},
                                              torch::optim::AdamWOptions(kRate).weight_decay(kDecay));
  }

  model::Prompts prompts_;
  model::Student student_;
  clip::TextEncoder encoder_;
  torch::Tensor clip_table_, own_, images_, labels_;
  std::int64_t topk_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

class OurWay : public Stage2Way {
 public:
  explicit OurWay(const Stage2Case& options) : OurWay(Given(options)) {}

  double step() override {
    optimizer_.zero_grad();
    const auto images = model::image_features(encoder_.forward(images_));
    const torch::Tensor features = learner_.begin_step();
    const torch::Tensor logits = model::combine(model::branch_scores(images, features, topk_));
    const torch::Tensor loss = loss::ranking_loss(logits, labels_);
    loss.backward();
    learner_.end_step();
    optimizer_.step(kRate);
    return loss.item<double>();
  }

  std::int64_t bytes_exchanged() const override {
    return static_cast<std::int64_t>(learner_.rows().grad().nbytes());
  }

 private:
  explicit OurWay(Given given)
      : learner_(given.clip, "formula", given.prompts),
        encoder_(model::vision_encoder(given.student)),
        optimizer_(learner_.rows(), kDecay),
        images_(given.images),
        labels_(given.labels),
        topk_(given.topk()) {}

  model::PromptLearner learner_;
  clip::FrozenVisionEncoder encoder_;
  optim::TableAdamW optimizer_;
  torch::Tensor images_, labels_;
  std::int64_t topk_;
};

}  // namespace

test::ClipShape Stage2Case::clip_shape() const {
  return shape == "tiny" ? test::tiny_clip_shape() : test::ClipShape{};
}

std::unique_ptr<Stage2Way> make_long_way(const Stage2Case& options) {
  return std::make_unique<LongWay>(options);
}

std::unique_ptr<Stage2Way> make_our_way(const Stage2Case& options) {
  return std::make_unique<OurWay>(options);
}

}  // namespace mkt::bench
