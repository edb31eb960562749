#include "model/local_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mkt/model/scores.h"
#include "model/transport.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

const LocalPooling kSoft{Pooling::kSoftmax, 20};
const LocalPooling kPlan{Pooling::kTransport, 100};

ImageFeatures pooled_features() {
  return {test::formula_tensor("patches", {3, 16, 32}, -1, 1),
          test::formula_tensor("global", {3, 32}, -1, 1)};
}

torch::Tensor pooled_labels() {
  return test::formula_tensor("labels", {7, 32}, -2, 3);
}

double cosine(const torch::Tensor& a, const torch::Tensor& b) {
  return (torch::dot(a, b) / (a.norm() * b.norm())).item<double>();
}

/// Σ_p softmax_p(20 cos(p, c)) p·c, number by number.
double softmax_score(const torch::Tensor& patches, const torch::Tensor& label) {
  double sum = 0;
  double weighted = 0;
  for (std::int64_t p = 0; p < patches.size(0); ++p) {
    const double weight = std::exp(20 * cosine(patches[p], label));
    sum += weight;
    weighted += weight * torch::dot(patches[p], label).item<double>();
  }
  return weighted / sum;
}

TEST(SoftmaxPooling, FollowsItsFormula) {
  const ImageFeatures features = pooled_features();
  const torch::Tensor local = branch_scores(features, pooled_labels(), kSoft).local;
  for (std::int64_t image = 0; image < 3; ++image) {
    for (std::int64_t label = 0; label < 7; ++label) {
      EXPECT_NEAR(local[image][label].item<double>(),
                  softmax_score(features.patches[image], pooled_labels()[label]), 1e-5);
    }
  }
}

TEST(SoftmaxPooling, HasTheGradientOfItsFormulaAlsoThroughTheWeights) {
  const torch::Tensor outer = test::formula_tensor("outer", {3, 7}, -1, 1);
  const auto gradients = [&](const auto& score) {
    const torch::Tensor patches = pooled_features().patches.requires_grad_();
    const torch::Tensor labels = pooled_labels().requires_grad_();
    score(patches, labels).backward(outer);
    return std::vector<torch::Tensor>{patches.grad(), labels.grad()};
  };
  const auto made = gradients([](const torch::Tensor& patches, const torch::Tensor& labels) {
    return branch_scores({patches, pooled_features().global}, labels, kSoft).local;
  });
  const auto expected = gradients([](const torch::Tensor& patches, const torch::Tensor& labels) {
    const torch::Tensor products = torch::einsum("bpd,cd->bcp", {patches, labels});
    const torch::Tensor cosines =
        torch::cosine_similarity(patches.unsqueeze(1), labels.view({1, 7, 1, 32}), -1);
    return (torch::softmax(20 * cosines, -1) * products).sum(-1);
  });
  EXPECT_TRUE(torch::allclose(made[0], expected[0], 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(made[1], expected[1], 1e-4, 1e-5));
}

TEST(SoftmaxPooling, OfALargeScaleIsTheBestPatch) {
  const BranchScores sharp = branch_scores(pooled_features(), pooled_labels(), {Pooling::kSoftmax, 1e6});
  const ImageFeatures features = pooled_features();
  const torch::Tensor unit = features.patches / features.patches.norm(2, {-1}, true);
  const torch::Tensor best = std::get<1>(patch_products(unit, pooled_labels()).max(-1, true));
  const torch::Tensor products = patch_products(features.patches, pooled_labels());
  EXPECT_TRUE(torch::allclose(sharp.local, products.gather(-1, best).squeeze(-1), 1e-4, 1e-5));
}

/// The plan in float64, iterated to the end, for one image: cosines (C, P) → C·T.
torch::Tensor plain_plan(const torch::Tensor& cosines, double scale) {
  const torch::Tensor exact = cosines.to(torch::kFloat64);
  const torch::Tensor cost = 1 - torch::softmax(scale * exact, 0);
  const torch::Tensor log_kernel = -cost / 0.1;
  const torch::Tensor log_patches = torch::log_softmax(std::get<0>(exact.max(0)) / 0.1, 0);  // (P)
  const torch::Tensor log_labels =
      torch::full({exact.size(0)}, -std::log(static_cast<double>(exact.size(0))), torch::kFloat64);
  torch::Tensor f = torch::zeros_like(log_patches);
  torch::Tensor g = torch::zeros_like(log_labels);
  for (int i = 0; i < 2000; ++i) {
    f = log_patches - torch::logsumexp(log_kernel + g.unsqueeze(1), 0);
    g = log_labels - torch::logsumexp(log_kernel + f, 1);
  }
  return (log_kernel + f + g.unsqueeze(1)).exp() * static_cast<double>(exact.size(0));
}

torch::Tensor some_cosines() {
  const ImageFeatures features = pooled_features();
  return torch::cosine_similarity(features.patches.unsqueeze(1), pooled_labels().view({1, 7, 1, 32}), -1);
}

TEST(TransportPooling, PlansEqualThePlainStatement) {
  for (const double scale : {1.0, 20.0, 100.0}) {
    const torch::Tensor made = transport_weights(some_cosines(), scale);
    for (std::int64_t image = 0; image < 3; ++image) {
      const torch::Tensor plan = plain_plan(some_cosines()[image], scale);
      EXPECT_LT((made[image] - plan).abs().sum(1).max().item<double>(), 2e-2) << scale;
    }
    EXPECT_TRUE(torch::allclose(made.sum(2), torch::ones({3, 7}), 0, 1e-5)) << "a label's weights sum to 1";
    const torch::Tensor shares = torch::softmax(some_cosines().amax(1) / 0.1, 1);
    EXPECT_LT((made.sum(1) / 7 - shares).abs().sum(1).max().item<double>(), 2e-3) << "patches' marginal";
  }
}

TEST(TransportPooling, StaysFiniteForExtremeCosines) {
  torch::Tensor cosines = torch::full({1, 5, 4}, -1.0);
  cosines[0][2][1] = 1;
  const torch::Tensor made = transport_weights(cosines, 1e4);
  EXPECT_TRUE(made.isfinite().all().item<bool>());
  EXPECT_TRUE(torch::allclose(made.sum(2), torch::ones({1, 5}), 0, 1e-4));
}

TEST(TransportPooling, WeighsProductsAndTakesThePlanAsConstant) {
  ImageFeatures features = pooled_features();
  features.patches.requires_grad_();
  const torch::Tensor labels = pooled_labels().requires_grad_();
  const torch::Tensor local = branch_scores(features, labels, kPlan).local;
  const torch::Tensor plan = transport_weights(some_cosines(), 100);
  const torch::Tensor products = patch_products(pooled_features().patches, pooled_labels());
  EXPECT_TRUE(torch::allclose(local, (plan * products).sum(2), 1e-4, 1e-5));
  const torch::Tensor outer = test::formula_tensor("outer", {3, 7}, -1, 1);
  local.backward(outer);
  const torch::Tensor pulled = plan * outer.unsqueeze(2);  // (B, C, P)
  EXPECT_TRUE(torch::allclose(features.patches.grad(),
                              torch::einsum("bcp,cd->bpd", {pulled, pooled_labels()}), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(labels.grad(),
                              torch::einsum("bcp,bpd->cd", {pulled, pooled_features().patches}), 1e-4, 1e-5));
}

TEST(TransportPooling, OfSomeLabelsIsThatOfThoseLabelsOnly) {
  const BranchScores all = branch_scores(pooled_features(), pooled_labels(), kPlan);
  const BranchScores alone = branch_scores(pooled_features(), pooled_labels().narrow(0, 4, 3), kPlan);
  EXPECT_FALSE(torch::allclose(all.local.narrow(1, 4, 3), alone.local, 0, 1e-3)) << "not a slice";
  EXPECT_TRUE(torch::allclose(all.labels(4, 7).local, alone.local, 0, 1e-6));
  EXPECT_TRUE(torch::allclose(zero_shot_scores(all, 4).zsl, combine(alone), 0, 1e-6));
  const torch::Tensor which = torch::tensor({5, 0, 3});
  const BranchScores chosen = branch_scores(pooled_features(), pooled_labels().index_select(0, which), kPlan);
  EXPECT_TRUE(torch::allclose(all.labels(which).local, chosen.local, 0, 1e-6));
  EXPECT_TRUE(torch::allclose(all.labels(2, 7).labels(2, 5).local, alone.local, 0, 1e-6));
}

TEST(Poolings, GiveTheSameWithAndWithoutGraphInTurnAndPerImage) {
  const torch::Tensor outer = test::formula_tensor("outer", {3, 7}, -1, 1);
  for (const LocalPooling& pooling : {LocalPooling(5), kSoft, kPlan}) {
    const torch::Tensor plain = branch_scores(pooled_features(), pooled_labels(), pooling).local;
    std::vector<torch::Tensor> first;
    for (const std::int64_t at_once : {0, 4 * 16 * 7 * 2, 1}) {
      ImageFeatures features = pooled_features();
      features.patches.requires_grad_();
      const torch::Tensor labels = pooled_labels().requires_grad_();
      const torch::Tensor local = branch_scores(features, labels, pooling, at_once).local;
      EXPECT_TRUE(torch::allclose(local, plain, 0, 1e-5)) << describe(pooling);
      local.backward(outer);
      if (first.empty()) first = {features.patches.grad(), labels.grad()};
      EXPECT_TRUE(torch::allclose(features.patches.grad(), first[0], 0, 1e-5)) << describe(pooling);
      EXPECT_TRUE(torch::allclose(labels.grad(), first[1], 0, 1e-5)) << describe(pooling);
    }
    for (std::int64_t image = 0; image < 3; ++image) {
      const ImageFeatures one{pooled_features().patches.narrow(0, image, 1),
                              pooled_features().global.narrow(0, image, 1)};
      EXPECT_TRUE(torch::equal(branch_scores(one, pooled_labels(), pooling).local[0], plain[image]))
          << describe(pooling);
    }
  }
}

TEST(Poolings, AreComparedByWhatTheyUse) {
  EXPECT_EQ(LocalPooling(), LocalPooling(16));
  EXPECT_NE(LocalPooling(5), LocalPooling(16));
  EXPECT_NE(kSoft, LocalPooling(16));
  EXPECT_NE(kSoft, LocalPooling(Pooling::kSoftmax, 10));
  EXPECT_NE(kSoft, LocalPooling(Pooling::kTransport, 20));
  EXPECT_EQ(describe(5), "5 best patches");
  EXPECT_EQ(describe(kSoft), "softmax of 20 × cosine");
}

TEST(Poolings, RefuseAScaleThatIsNotPositive) {
  const auto message = [](Pooling kind, double scale) {
    return test::message_of([&] { branch_scores(pooled_features(), pooled_labels(), {kind, scale}); });
  };
  EXPECT_EQ(
      message(Pooling::kSoftmax, 0),
      "local-scale: expected a positive factor on the cosines for the pooling softmax, got 0. Give one.");
  EXPECT_EQ(
      message(Pooling::kTransport, -2),
      "local-scale: expected a positive factor on the cosines for the pooling transport, got -2. Give one.");
}

TEST(MeanCosine, IsTheMeanOfClassAndPooledPatchCosines) {
  const ImageFeatures features = pooled_features();
  const torch::Tensor global = torch::cosine_similarity(features.global.unsqueeze(1), pooled_labels(), 2);
  const torch::Tensor best = std::get<0>(some_cosines().topk(5)).mean(-1);
  const torch::Tensor made = combine(branch_scores(features, pooled_labels(), 5), ScoreKind::kMeanCosine);
  EXPECT_TRUE(torch::allclose(made, (global + best) / 2, 0, 1e-6));
  const torch::Tensor soft = (torch::softmax(20 * some_cosines(), -1) * some_cosines()).sum(-1);
  EXPECT_TRUE(
      torch::allclose(combine(branch_scores(features, pooled_labels(), kSoft), ScoreKind::kMeanCosine),
                      (global + soft) / 2, 0, 1e-6));
}

TEST(MeanCosine, DoesNotDependOnOtherLabelsOrOnLengths) {
  const ImageFeatures features = pooled_features();
  EXPECT_FALSE(is_relative(ScoreKind::kMeanCosine, kSoft));
  EXPECT_TRUE(is_relative(ScoreKind::kMeanCosine, kPlan));
  const BranchScores all = branch_scores(features, pooled_labels(), kSoft);
  const ImageFeatures longer{features.patches * 3, features.global * 2};
  const BranchScores alone = branch_scores(longer, 30 * pooled_labels().narrow(0, 4, 1), kSoft);
  const torch::Tensor made = combine(all, ScoreKind::kMeanCosine);
  EXPECT_TRUE(torch::allclose(combine(alone, ScoreKind::kMeanCosine), made.narrow(1, 4, 1), 0, 1e-6));
  EXPECT_TRUE(
      torch::allclose(combine(all.labels(4, 5), ScoreKind::kMeanCosine), made.narrow(1, 4, 1), 0, 1e-6));
}

TEST(MeanCosine, HasAGradient) {
  ImageFeatures features = pooled_features();
  features.patches.requires_grad_();
  features.global.requires_grad_();
  mean_cosine(features, pooled_labels(), kSoft).sum().backward();
  // Cosines do not change along the features themselves.
  EXPECT_LT((features.global.grad() * features.global).sum(1).abs().max().item<double>(), 1e-5);
  EXPECT_LT((features.patches.grad() * features.patches).sum(2).abs().max().item<double>(), 1e-5);
  EXPECT_GT(features.patches.grad().abs().max().item<double>(), 1e-3);
}

TEST(StandardScore, IsMktStandardisedPerImageAndThenPerLabel) {
  const BranchScores scores = branch_scores(pooled_features(), pooled_labels(), 5);
  const torch::Tensor mkt = combine(scores);
  const torch::Tensor per_image = (mkt - mkt.mean({1}, true)) / mkt.std({1}, true, true);
  EXPECT_TRUE(torch::allclose(standardised(mkt), per_image, 0, 1e-6));
  const LabelStatistics statistics{test::formula_tensor("mean", {7}, -1, 1),
                                   test::formula_tensor("deviation", {7}, 0.5, 1)};
  EXPECT_TRUE(torch::allclose(combine(scores, ScoreRule(statistics)),
                              (per_image - statistics.mean) / statistics.deviation, 0, 1e-5));
  EXPECT_EQ(test::message_of([&] { combine(scores.labels(0, 3), ScoreRule(statistics)); }),
            "score: expected statistics of 3 labels for the score standard, got those of 7. Give others, or "
            "another score.");
  EXPECT_EQ(test::message_of([&] { combine(scores, ScoreKind::kStandard); }),
            "score: expected statistics of 7 labels for the score standard, got those of 0. Give others, or "
            "another score.");
}

TEST(StandardScore, IsZeroForAnImageWhoseScoresAreEqual) {
  EXPECT_TRUE(torch::equal(standardised(torch::full({2, 4}, 0.25)), torch::zeros({2, 4})));
  EXPECT_EQ(
      test::message_of([] {
        standardised(torch::ones({2, 1}));
      }),
      "score: expected at least two labels for the score standard, got 1. Use another score, or give more "
      "labels.");
}

}  // namespace
}  // namespace mkt::model
