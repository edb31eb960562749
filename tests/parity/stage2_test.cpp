// Tests that stage 2 on the tiny CLIP reproduces the golden run over twelve steps: losses, token embedding
// rows, text features.

#include <gtest/gtest.h>

#include "mkt/weights/checkpoint.h"
#include "parity/golden_stages.h"
#include "support/difference.h"
#include "support/formula.h"

namespace mkt {
namespace {

constexpr double kLossTolerance = 1e-5;
constexpr double kFinalTolerance = 5e-3;      // relative to the change of a trained row
constexpr double kUntouchedTolerance = 1e-3;  // relative to the change of any other row
constexpr double kFeatureTolerance = 1e-4;    // absolute, for text features

/// The test parameter is labels_at_once: all 40 labels in one graph, or in chunks.
class Stage2Golden : public testing::TestWithParam<std::int64_t> {};

TEST_P(Stage2Golden, LossesRowsAndFeaturesAgreeOverTwelveSteps) {
  test::GoldenStage2 stage(GetParam());
  ASSERT_EQ(stage.training["log"].size(), test::kGoldenSteps);
  for (std::int64_t step = 0; step < test::kGoldenSteps; ++step) {
    const auto& logged = stage.training["log"][static_cast<std::size_t>(step)];
    EXPECT_NEAR(stage.rate_at(step), logged["lr"].get<double>(), 1e-12) << step;
    EXPECT_NEAR(stage.take_step(step) / logged["rank"].get<double>(), 1, kLossTolerance) << step;
  }

  const auto golden = weights::load_tensors(test::golden("stage2_final.pth"));
  const torch::Tensor& ids = golden.at("rows");
  const torch::Tensor table =
      stage.learner.state_dict(stage.optimizer.decay()).at("module.token_embedding.weight");
  const torch::Tensor change = table.index_select(0, ids) - golden.at("initial_rows");
  const torch::Tensor expected = golden.at("token_embedding_rows") - golden.at("initial_rows");
  std::int64_t trained = 0;
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    const bool is_trained = stage.learner.row_ids().eq(ids[row]).any().item<bool>();
    trained += is_trained ? 1 : 0;
    EXPECT_LT(test::relative_difference(change[row], expected[row]),
              is_trained ? kFinalTolerance : kUntouchedTolerance)
        << "token " << ids[row].item<std::int64_t>();
  }
  EXPECT_EQ(trained, stage.learner.row_ids().size(0));
  EXPECT_EQ(ids.size(0) - trained, 4);
  EXPECT_LT((stage.learner.features() - golden.at("text")).abs().max().item<double>(), kFeatureTolerance);
}

INSTANTIATE_TEST_SUITE_P(OneGraphAndChunks, Stage2Golden, testing::Values(1024, 16));

}  // namespace
}  // namespace mkt
