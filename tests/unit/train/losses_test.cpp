#include "train/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mkt/model/scores.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::train {
namespace {

constexpr std::int64_t kTopk = 3;

model::ImageFeatures image_features() {
  return {test::formula_tensor("losses/patches", {2, 7, 8}, -3, 3),
          test::formula_tensor("losses/class", {2, 8}, -2, 2)};
}

torch::Tensor label_features() {
  return test::formula_tensor("losses/labels", {5, 8}, -1, 1).requires_grad_();
}

TEST(Losses, FindTheRowsWithAPresentLabel) {
  const torch::Tensor labels = torch::tensor({{-1, 1}, {0, -1}, {1, 1}, {0, 0}}, torch::kInt8);
  EXPECT_TRUE(rows_with_positives(labels).equal(torch::tensor({0, 2}, torch::kInt64)));
}

TEST(Losses, TakeTheScoresOfTheMethod) {
  const auto features = image_features();
  const torch::Tensor labels = label_features();
  const torch::Tensor expected = model::combine(model::branch_scores(features, labels, kTopk));
  for (const auto kind : {loss::LossKind::kRank, loss::LossKind::kSmoothRank, loss::LossKind::kMultiMatch}) {
    EXPECT_TRUE(scores_for(*loss::make_label_loss({kind}), features, labels, kTopk).equal(expected));
  }
}

/// The reference: cosines from their definition, in double precision.
torch::Tensor mean_cosines(const model::ImageFeatures& features, const torch::Tensor& labels) {
  const auto cosine = [](const torch::Tensor& a, const torch::Tensor& b) {
    return (a * b).sum() / (a.square().sum() * b.square().sum()).sqrt();
  };
  std::vector<torch::Tensor> all;
  for (std::int64_t i = 0; i < features.global.size(0); ++i) {
    for (std::int64_t c = 0; c < labels.size(0); ++c) {
      std::vector<torch::Tensor> patches;
      for (std::int64_t p = 0; p < features.patches.size(1); ++p)
        patches.push_back(cosine(features.patches[i][p], labels[c]));
      const torch::Tensor local = std::get<0>(torch::stack(patches).topk(kTopk)).mean();
      all.push_back((local + cosine(features.global[i], labels[c])) / 2);
    }
  }
  return torch::stack(all).view({features.global.size(0), labels.size(0)});
}

TEST(Losses, TakeMeanCosinesForTheAsymmetricLoss) {
  const auto loss = loss::make_label_loss({loss::LossKind::kAsymmetric, 1, 10});
  const torch::Tensor labels = label_features();
  const torch::Tensor weights = test::formula_tensor("losses/weights", {2, 5}, -1, 1);
  const torch::Tensor got = scores_for(*loss, image_features(), labels, kTopk);
  (got * weights).sum().backward();
  auto features = image_features();
  features = {features.patches.to(torch::kFloat64), features.global.to(torch::kFloat64)};
  const torch::Tensor wide = label_features().detach().to(torch::kFloat64).requires_grad_();
  const torch::Tensor expected = mean_cosines(features, wide);
  (expected * weights).sum().backward();
  EXPECT_TRUE(torch::allclose(got.to(torch::kFloat64), expected, 1e-5, 1e-6)) << got << expected;
  EXPECT_TRUE(torch::allclose(labels.grad().to(torch::kFloat64), wide.grad(), 1e-4, 1e-6));
}

TEST(Losses, StartTheAsymmetricScaleAtClips) {
  session::Session session{distributed::Communicator(), {}};
  clip::Weights clip{test::tiny_weights(), "clip.pt"};
  const loss::LabelLossOptions options{loss::LossKind::kAsymmetric};
  const double scale = make_label_loss(options, clip, session)->facts()["scale"];
  EXPECT_NEAR(scale, std::exp(clip.tensors.at("logit_scale").item<double>()), 1e-3 * scale);
  clip.tensors.erase("logit_scale");
  EXPECT_EQ(
      test::message_of([&] { make_label_loss(options, clip, session); }),
      "clip.pt: expected the tensor logit_scale, with which the scale of the asymmetric loss starts, got "
      "none. Set the option loss-scale, for example to 100.");
  const double given = make_label_loss({loss::LossKind::kAsymmetric, 1, 12}, clip, session)->facts()["scale"];
  EXPECT_NEAR(given, 12, 1e-4);
}

}  // namespace
}  // namespace mkt::train
