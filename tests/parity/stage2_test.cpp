// Tests that stage 2 on the tiny CLIP reproduces the golden run over twelve steps: losses, token embedding
// rows, text features.

#include <gtest/gtest.h>

#include "mkt/clip/vision_encoder.h"
#include "mkt/loss/ranking.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/scores.h"
#include "mkt/model/student.h"
#include "mkt/text/tokenizer.h"
#include "mkt/weights/checkpoint.h"
#include "optim/schedule.h"
#include "optim/table_adamw.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/training.h"
#include "train/stage1.h"
#include "train/step.h"

namespace mkt {
namespace {

constexpr double kWeightDecay = 0.05;
constexpr double kLossTolerance = 1e-5;
constexpr double kFinalTolerance = 5e-3;      // relative to the change of a trained row
constexpr double kUntouchedTolerance = 1e-3;  // relative to the change of any other row
constexpr double kFeatureTolerance = 1e-4;    // absolute, for text features

const clip::TensorMap& weights() {
  static const clip::TensorMap made = test::formula_clip_state(test::tiny_clip_shape());
  return made;
}

model::Prompts golden_prompts(const nlohmann::json& training) {
  const text::Tokenizer tokenizer(MKT_MERGES_PATH, test::tiny_clip_shape().vocab);
  return model::make_prompts(training["labels"].get<std::vector<std::string>>(),
                             model::PromptTemplate(training["prompt"]), tokenizer,
                             test::tiny_clip_shape().context);
}

/// The test parameter is labels_at_once: all 40 labels in one graph, or in chunks.
class Stage2Golden : public testing::TestWithParam<std::int64_t> {
 protected:
  Stage2Golden()
      : training(test::golden_training("stage2")),
        learner(weights(), "golden CLIP", golden_prompts(training), {GetParam()}),
        student(model::make_student_from_checkpoint(test::moved_student_state(), "golden student")),
        images(model::vision_encoder(student)),
        optimizer(learner.rows(), kWeightDecay) {}

  double step(const test::GoldenBatch& batch, double lr) {
    const torch::Tensor kept = train::rows_with_positives(batch.labels);
    const auto features = model::image_features(images.forward(batch.images.index_select(0, kept)));
    train::zero_gradients({learner.rows()});
    const torch::Tensor labels = learner.begin_step();
    const torch::Tensor logits =
        model::combine(model::branch_scores(features, labels, training["args"]["topk"]));
    const torch::Tensor loss = loss::ranking_loss(logits, batch.labels.index_select(0, kept));
    loss.backward();
    learner.end_step();
    optimizer.step(lr);
    return loss.item<double>();
  }

  nlohmann::json training;
  model::PromptLearner learner;
  model::Student student;
  clip::FrozenVisionEncoder images;
  optim::TableAdamW optimizer;
};

TEST_P(Stage2Golden, LossesRowsAndFeaturesAgreeOverTwelveSteps) {
  const auto& args = training["args"];
  const optim::CosineSchedule schedule{args["lr"], args["min_lr"], args["warmup"], args["epochs"]};
  const double steps_per_epoch = args["steps_per_epoch"];
  std::int64_t done = 0;
  for (const auto& logged : training["log"]) {
    const double lr = schedule.at(static_cast<double>(done) / steps_per_epoch);
    EXPECT_NEAR(lr, logged["lr"].get<double>(), 1e-12) << done;
    const double loss = step(test::golden_batch(done++ % 6), lr);
    EXPECT_NEAR(loss / logged["rank"].get<double>(), 1, kLossTolerance) << done;
  }
  EXPECT_EQ(done, 12);

  const auto golden = weights::load_tensors(test::golden("stage2_final.pth"));
  const torch::Tensor& ids = golden.at("rows");
  const torch::Tensor table = learner.state_dict(optimizer.decay()).at("module.token_embedding.weight");
  const torch::Tensor change = table.index_select(0, ids) - golden.at("initial_rows");
  const torch::Tensor expected = golden.at("token_embedding_rows") - golden.at("initial_rows");
  std::int64_t trained = 0;
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    const bool is_trained = learner.row_ids().eq(ids[row]).any().item<bool>();
    trained += is_trained ? 1 : 0;
    EXPECT_LT(test::relative_difference(change[row], expected[row]),
              is_trained ? kFinalTolerance : kUntouchedTolerance)
        << "token " << ids[row].item<std::int64_t>();
  }
  EXPECT_EQ(trained, learner.row_ids().size(0));
  EXPECT_EQ(ids.size(0) - trained, 4);
  EXPECT_LT((learner.features() - golden.at("text")).abs().max().item<double>(), kFeatureTolerance);
}

INSTANTIATE_TEST_SUITE_P(OneGraphAndChunks, Stage2Golden, testing::Values(1024, 16));

}  // namespace
}  // namespace mkt
