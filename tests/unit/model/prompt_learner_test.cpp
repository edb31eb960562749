#include "mkt/model/prompt_learner.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

using test::relative_difference;
using test::tiny_weights;

constexpr double kSame = 1e-5;  // tolerance: norm of the difference divided by the norm

/// Makes prompts for labels with different token counts; some labels are also words in the template.
Prompts prompts_for(const std::string& prompt_template) {
  static const text::Tokenizer tokenizer(MKT_MERGES_PATH, test::ClipShape{}.vocab);
  return make_prompts({"cat", "fire truck", "the", "a red barn in the sea", "sky", "zebra", "in"},
                      PromptTemplate(prompt_template), tokenizer, 77);
}

Prompts usual_prompts() {
  return prompts_for("There is a {} in the scene");
}

PromptLearner make_learner(const Prompts& prompts, std::int64_t labels_at_once) {
  PromptLearnerOptions options;
  options.labels_at_once = labels_at_once;
  return PromptLearner({tiny_weights(), "formula"}, prompts, options);
}

/// The reference: runs CLIP's full text encoder on 77 tokens per label and trains the full token table.
struct LongWay {
  explicit LongWay(const Prompts& prompts_)
      : prompts(prompts_), encoder(clip::make_text_encoder({tiny_weights(), "formula"})) {
    for (const auto& parameter : encoder->named_parameters()) parameter.value().set_requires_grad(false);
    encoder->token_embedding->weight.set_requires_grad(true);
  }

  torch::Tensor features() const {
    const torch::Tensor position = torch::arange(prompts.ids.size(1)).unsqueeze(0);
    const torch::Tensor own = position.ge(prompts.label_start.unsqueeze(1)) &
                              position.lt(prompts.label_end.unsqueeze(1));  // (C, 77)
    const torch::Tensor clip = torch::embedding(tiny_weights().at("token_embedding.weight"), prompts.ids);
    const torch::Tensor embedded = torch::where(own.unsqueeze(2), clip, encoder->embed(prompts.ids));
    const torch::Tensor tokens = encoder->run(encoder->add_positions(embedded), 0, encoder->options.layers);
    return encoder->finish(tokens, clip::end_positions(prompts.ids));
  }

  torch::Tensor table() const { return encoder->token_embedding->weight; }

  Prompts prompts;
  clip::TextEncoder encoder;
};

/// A scalar loss over all features, with different weights per step.
torch::Tensor some_loss(const torch::Tensor& features, int step = 0) {
  return (features * test::formula_tensor("loss" + std::to_string(step), features.sizes().vec(), -1, 1))
      .sum();
}

void expect_the_long_way(PromptLearner& learner, const Prompts& prompts, double tolerance) {
  const LongWay long_way(prompts);
  const torch::Tensor expected = long_way.features();
  some_loss(expected).backward();
  const torch::Tensor features = learner.begin_step();
  EXPECT_LT(relative_difference(features, expected), tolerance);
  EXPECT_LT(relative_difference(learner.features(), expected), tolerance);
  some_loss(features).backward();
  learner.end_step();
  const torch::Tensor gradient = long_way.table().grad();
  EXPECT_LT(relative_difference(learner.rows().grad(), gradient.index_select(0, learner.row_ids())),
            tolerance);
  const torch::Tensor elsewhere = gradient.index_fill(0, learner.row_ids(), 0);
  EXPECT_EQ(elsewhere.abs().max().item<double>(), 0);  // the table's other rows have no gradient
}

class LabelsAtOnce : public testing::TestWithParam<std::int64_t> {};

TEST_P(LabelsAtOnce, EqualTrainingTheWholeTable) {
  const Prompts prompts = usual_prompts();
  PromptLearner learner = make_learner(prompts, GetParam());
  expect_the_long_way(learner, prompts, kSame);
}

INSTANTIATE_TEST_SUITE_P(OneChunkAndMore, LabelsAtOnce, testing::Values(1, 3, 7, 100));

TEST(PromptLearner, EqualsTrainingTheWholeTableForAnyTemplate) {
  for (const char* prompt_template : {"{}", "{} is here", "a photo of {}", "in the {} in the {"}) {
    const Prompts prompts = prompts_for(prompt_template);
    PromptLearner learner = make_learner(prompts, 3);
    SCOPED_TRACE(prompt_template);
    expect_the_long_way(learner, prompts, kSame);
  }
}

TEST(PromptLearner, EqualsTrainingTheWholeTableWithoutASharedStart) {
  Prompts prompts = usual_prompts();
  prompts.ids[0][1] = 11;
  prompts.ids[1][0] = 12;
  PromptLearner learner = make_learner(prompts, 100);
  expect_the_long_way(learner, prompts, kSame);
}

TEST(PromptLearner, TrainsTheTokensOutsideTheLabels) {
  const Prompts prompts = usual_prompts();
  const PromptLearner learner = make_learner(prompts, 100);
  const torch::Tensor ids = torch::tensor({320, 518, 530, 533, 997, 3562, 49406, 49407}, torch::kInt64);
  EXPECT_TRUE(torch::equal(learner.row_ids(), ids));
  const torch::Tensor initial = tiny_weights().at("token_embedding.weight").index_select(0, ids);
  EXPECT_TRUE(torch::equal(learner.rows().detach(), initial));
}

TEST(PromptLearner, SumsTheGradientsOfSeveralBackwardPasses) {
  const Prompts prompts = usual_prompts();
  PromptLearner learner = make_learner(prompts, 3);
  torch::Tensor features = learner.begin_step();
  (some_loss(features, 0) + some_loss(features, 1)).backward();
  learner.end_step();
  const torch::Tensor expected = learner.rows().grad().clone();
  learner.rows().mutable_grad().reset();
  features = learner.begin_step();
  some_loss(features, 0).backward();
  some_loss(features, 1).backward();
  learner.end_step();
  EXPECT_LT(relative_difference(learner.rows().grad(), expected), kSame);
}

TEST(PromptLearner, CopiesTheRowsOfAnother) {
  const PromptLearner trained = make_learner(usual_prompts(), 100);
  {
    const at::NoGradGuard no_grad;
    trained.rows().neg_();
  }
  PromptLearner learner = make_learner(prompts_for("There is a photo of {} in the scene"), 100);
  const torch::Tensor initial = learner.rows().detach().clone();
  learner.copy_rows(trained, 0.5);
  for (std::int64_t row = 0; row < initial.size(0); ++row) {
    const bool known = trained.row_ids().eq(learner.row_ids()[row]).any().item<bool>();
    EXPECT_TRUE(torch::equal(learner.rows()[row], initial[row] * (known ? -1.0 : 0.5))) << row;
  }
}

TEST(PromptLearner, FollowsItsRows) {
  PromptLearner learner = make_learner(usual_prompts(), 100);
  const torch::Tensor before = learner.features();
  {
    const at::NoGradGuard no_grad;
    learner.rows().neg_();
  }
  EXPECT_GT(relative_difference(learner.features(), before), 1e-3);
  EXPECT_TRUE(torch::equal(learner.begin_step().detach(), learner.features()));
}

TEST(PromptLearner, IsCloseInHalfPrecision) {
  const Prompts prompts = usual_prompts();
  PromptLearnerOptions options;
  options.dtype = torch::kBFloat16;
  PromptLearner learner({tiny_weights(), "formula"}, prompts, options);
  EXPECT_EQ(learner.rows().scalar_type(), torch::kFloat32);
  EXPECT_EQ(learner.features().scalar_type(), torch::kFloat32);
  expect_the_long_way(learner, prompts, 0.05);
}

TEST(PromptLearner, IsTheSameUnderAutocast) {
  for (const std::int64_t at_once : {3, 100}) {
    PromptLearner learner = make_learner(usual_prompts(), at_once);
    some_loss(learner.begin_step()).backward();
    learner.end_step();
    const torch::Tensor expected = learner.rows().grad().clone();
    learner.rows().mutable_grad().reset();
    at::autocast::set_autocast_enabled(at::kCPU, true);
    some_loss(learner.begin_step()).backward();
    learner.end_step();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    EXPECT_TRUE(torch::equal(learner.rows().grad(), expected));
  }
}

TEST(PromptLearner, EqualsTrainingTheWholeTableOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU is visible";
  const Prompts prompts = usual_prompts();
  PromptLearnerOptions options;
  options.device = torch::kCUDA;
  PromptLearner on_gpu({tiny_weights(), "formula"}, prompts, options);
  PromptLearner on_cpu = make_learner(prompts, 100);
  for (PromptLearner* learner : {&on_gpu, &on_cpu}) {
    const torch::Tensor features = learner->begin_step();
    some_loss(features.cpu()).backward();
    learner->end_step();
  }
  EXPECT_LT(relative_difference(on_gpu.features().cpu(), on_cpu.features()), 1e-4);
  EXPECT_LT(relative_difference(on_gpu.rows().grad().cpu(), on_cpu.rows().grad()), 1e-4);
  EXPECT_EQ(on_gpu.state_dict(1).size(), on_cpu.state_dict(1).size());
}

TEST(PromptLearner, WritesTheCheckpointOfTrainingTheWholeTable) {
  const Prompts prompts = usual_prompts();
  const LongWay long_way(prompts);
  PromptLearner learner = make_learner(prompts, 3);
  const auto options = torch::optim::AdamWOptions(1e-2).weight_decay(0.05);
  torch::optim::AdamW whole({long_way.table()}, options);
  torch::optim::AdamW rows({learner.rows()}, options);
  double decay = 1;
  for (int step = 0; step < 3; ++step, decay *= 1 - 1e-2 * 0.05) {
    whole.zero_grad();
    some_loss(long_way.features(), step).backward();
    whole.step();
    rows.zero_grad();
    some_loss(learner.begin_step(), step).backward();
    learner.end_step();
    rows.step();
  }
  const clip::TensorMap state = learner.state_dict(decay);
  const auto expected = long_way.encoder->named_parameters();
  EXPECT_EQ(state.size(), expected.size());
  for (const auto& parameter : expected) {
    ASSERT_EQ(state.count("module." + parameter.key()), 1U) << parameter.key();
    const torch::Tensor& tensor = state.at("module." + parameter.key());
    EXPECT_EQ(tensor.scalar_type(), torch::kFloat32);
    EXPECT_LT(relative_difference(tensor, parameter.value()), 1e-6) << parameter.key();
  }
  const torch::Tensor& start = tiny_weights().at("token_embedding.weight");
  const torch::Tensor change = state.at("module.token_embedding.weight") - start;
  EXPECT_LT(relative_difference(change, long_way.table() - start), 1e-3);
}

TEST(PromptLearner, RefusesToEndAStepThatWasNotBegun) {
  PromptLearner learner = make_learner(usual_prompts(), 100);
  const std::string expected =
      "prompt learner: expected a backward pass of begin_step's features before end_step, got none. Call "
      "begin_step, a loss's backward(), end_step.";
  EXPECT_EQ(test::message_of([&] { learner.end_step(); }), expected);
  learner.begin_step();
  EXPECT_EQ(test::message_of([&] { learner.end_step(); }), expected);
}

TEST(PromptLearner, RefusesPromptsOfAnotherVocabulary) {
  Prompts prompts = usual_prompts();
  prompts.ids[0][0] = 49408;
  EXPECT_EQ(test::message_of([&] { make_learner(prompts, 100); }),
            "prompts: expected tokens below 49408 (the rows of the token embedding), got 49408. Tokenize for "
            "the vocabulary of these weights.");
}

TEST(PromptLearner, RefusesEmptyPrompts) {
  const Prompts none{torch::zeros({0, 77}, torch::kInt64), torch::zeros({0}, torch::kInt64),
                     torch::zeros({0}, torch::kInt64)};
  EXPECT_EQ(
      test::message_of([&] { make_learner(none, 100); }),
      "prompts: expected ids (C, context), label_start (C) and label_end (C) of at least one label, got "
      "[0, 77], [0] and [0].");
  EXPECT_EQ(test::message_of([&] { make_learner(usual_prompts(), 0); }),
            "labels_at_once: expected at least 1, got 0.");
}

}  // namespace
}  // namespace mkt::model
