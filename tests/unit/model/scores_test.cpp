#include "mkt/model/scores.h"

#include <gtest/gtest.h>

#include "mkt/weights/checkpoint.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

constexpr std::int64_t kTopk = 5;

ImageFeatures some_features() {
  return {test::formula_tensor("patches", {3, 16, 32}, -1, 1),
          test::formula_tensor("global", {3, 32}, -1, 1)};
}

torch::Tensor some_labels() {
  return test::formula_tensor("labels", {7, 32}, -1, 1);
}

TEST(Scores, EqualTheReference) {
  const auto golden = weights::load_tensors(test::golden("encoders.pth"));
  const ImageFeatures features{golden.at("patches"), golden.at("cls")};
  const torch::Tensor scores = combine(branch_scores(features, golden.at("text"), kTopk));
  EXPECT_LT((scores - golden.at("scores_top5")).abs().max().item<double>(), 1e-5);
}

TEST(Scores, FollowTheFormulaForOneImageAndLabel) {
  const ImageFeatures features = some_features();
  const BranchScores scores = branch_scores(features, some_labels(), kTopk);
  const torch::Tensor products = torch::mv(features.patches[1], some_labels()[2]);
  const torch::Tensor best = std::get<0>(products.sort(0, true)).narrow(0, 0, kTopk);
  EXPECT_NEAR(scores.local[1][2].item<double>(), best.mean().item<double>(), 1e-6);
  EXPECT_NEAR(scores.global[1][2].item<double>(),
              torch::dot(features.global[1], some_labels()[2]).item<double>(), 1e-6);
}

TEST(Scores, LocalScoresAreMeansOfTheBestPatchProducts) {
  const ImageFeatures features = some_features();
  const torch::Tensor products = patch_products(features.patches, some_labels());
  ASSERT_EQ(products.sizes(), (std::vector<std::int64_t>{3, 7, 16}));
  EXPECT_NEAR(products[2][4][9].item<double>(),
              torch::dot(features.patches[2][9], some_labels()[4]).item<double>(), 1e-6);
  const torch::Tensor best = std::get<0>(products.topk(kTopk)).mean(-1);
  EXPECT_TRUE(torch::allclose(best, branch_scores(features, some_labels(), kTopk).local, 0, 1e-6));
}

TEST(Scores, PatchProductsRefuseLabelsOfAnotherWidth) {
  EXPECT_EQ(test::message_of([] {
              patch_products(some_features().patches, torch::zeros({7, 31}));
            }),
            "label_emb: expected (labels, 32), got [7, 31].");
}

TEST(Scores, WithAndWithoutGraphAgree) {
  ImageFeatures features = some_features();
  const BranchScores plain = branch_scores(features, some_labels(), kTopk);
  features.patches.requires_grad_();
  const BranchScores graph = branch_scores(features, some_labels(), kTopk);
  EXPECT_TRUE(graph.local.requires_grad());
  EXPECT_TRUE(torch::allclose(graph.local, plain.local, 0, 1e-6));
}

TEST(Scores, OnlyTheBestPatchesHaveAGradient) {
  ImageFeatures features = some_features();
  features.patches.requires_grad_();
  branch_scores(features, some_labels(), kTopk).local[0][3].backward();
  const torch::Tensor products = torch::mv(features.patches.detach()[0], some_labels()[3]);
  const torch::Tensor best = std::get<1>(products.topk(kTopk));
  torch::Tensor expected = torch::zeros({3, 16, 32});
  expected[0].index_put_({best}, some_labels()[3] / static_cast<double>(kTopk));
  EXPECT_TRUE(torch::allclose(features.patches.grad(), expected, 0, 1e-6));
}

TEST(Scores, InTurnHaveTheSameGradients) {
  const torch::Tensor outer = test::formula_tensor("outer", {3, 7}, -1, 1);
  std::vector<torch::Tensor> results;
  for (const std::int64_t products_at_once : {0, 3 * 16 * 2, 1}) {  // 7, 2 and 1 labels at a time
    ImageFeatures features = some_features();
    features.patches.requires_grad_();
    const torch::Tensor labels = some_labels().requires_grad_();
    const torch::Tensor local = branch_scores(features, labels, kTopk, products_at_once).local;
    local.backward(outer);
    const std::vector<torch::Tensor> those = {local.detach(), features.patches.grad(), labels.grad()};
    if (results.empty()) results = those;
    for (std::size_t i = 0; i < those.size(); ++i) {
      EXPECT_TRUE(torch::allclose(those[i], results[i], 0, 1e-6)) << i << " at " << products_at_once;
    }
  }
}

TEST(Scores, DoNotDependOnTheBatch) {
  const ImageFeatures features = some_features();
  const BranchScores batch = branch_scores(features, some_labels(), kTopk);
  for (std::int64_t i = 0; i < 3; ++i) {
    const ImageFeatures one{features.patches.narrow(0, i, 1), features.global.narrow(0, i, 1)};
    EXPECT_TRUE(torch::equal(branch_scores(one, some_labels(), kTopk).local[0], batch.local[i]));
  }
}

TEST(Scores, KindsAreTheNormalisedBranchesAndTheirMean) {
  const BranchScores scores = branch_scores(some_features(), some_labels(), kTopk);
  const torch::Tensor local = combine(scores, ScoreKind::kLocal);
  const torch::Tensor global = combine(scores, ScoreKind::kGlobal);
  EXPECT_TRUE(torch::allclose(local.norm(2, {1}), torch::ones({3})));
  EXPECT_TRUE(torch::allclose(global, scores.global / scores.global.norm(2, {1}, true)));
  EXPECT_TRUE(torch::allclose(combine(scores), (local + global) / 2));
}

TEST(Scores, CosinesDoNotDependOnOtherLabelsOrOnLengths) {
  const ImageFeatures features = some_features();
  const torch::Tensor all = combine(branch_scores(features, some_labels(), kTopk), ScoreKind::kCosine);
  const torch::Tensor expected = torch::cosine_similarity(features.global.unsqueeze(1), some_labels(), 2);
  EXPECT_TRUE(torch::allclose(all, expected, 0, 1e-6));
  const torch::Tensor alone =
      combine(branch_scores(features, 30 * some_labels().narrow(0, 4, 1), kTopk), ScoreKind::kCosine);
  EXPECT_TRUE(torch::allclose(alone, all.narrow(1, 4, 1), 0, 1e-6));
}

TEST(Scores, ProbabilitiesAreTheSoftmaxOfScaledCosines) {
  const BranchScores scores = branch_scores(some_features(), some_labels(), kTopk);
  const torch::Tensor made = combine(scores, {ScoreKind::kProbability, 100});
  EXPECT_TRUE(torch::allclose(made, torch::softmax(100 * scores.cosine, 1)));
  EXPECT_TRUE(torch::allclose(made.sum(1), torch::ones({3})));
  const ZeroShotScores both = zero_shot_scores(scores, 4, {ScoreKind::kProbability, 100});
  EXPECT_TRUE(torch::allclose(both.zsl.sum(1), torch::ones({3})));  // normalised within each set
  EXPECT_TRUE(torch::equal(both.gzsl, made));
}

TEST(Scores, CosinesOfUnseenLabelsAreASlice) {
  const BranchScores scores = branch_scores(some_features(), some_labels(), kTopk);
  const ZeroShotScores both = zero_shot_scores(scores, 4, ScoreKind::kCosine);
  EXPECT_TRUE(torch::equal(both.zsl, both.gzsl.narrow(1, 4, 3)));
  const torch::Tensor which = torch::tensor({5, 0});
  EXPECT_TRUE(
      torch::equal(combine(scores.labels(which), ScoreKind::kCosine), both.gzsl.index_select(1, which)));
}

TEST(Scores, OnlyTheCosineMeansSomethingForASingleLabel) {
  for (const ScoreKind kind :
       {ScoreKind::kMkt, ScoreKind::kGlobal, ScoreKind::kLocal, ScoreKind::kProbability}) {
    EXPECT_TRUE(is_relative(kind)) << enum_name(kind);
    const BranchScores one = branch_scores(some_features(), some_labels().narrow(0, 2, 1), kTopk);
    const torch::Tensor made = combine(one, {kind, 100});
    EXPECT_TRUE(torch::allclose(made, made.round(), 0, 1e-6)) << enum_name(kind);  // -1, 0 or 1
  }
  EXPECT_FALSE(is_relative(ScoreKind::kCosine));
  const BranchScores one = branch_scores(some_features(), some_labels().narrow(0, 2, 1), kTopk);
  EXPECT_LT(combine(one, ScoreKind::kCosine).abs().max().item<double>(), 0.9);
}

TEST(Scores, RefuseAProbabilityWithoutAScaleAndACosineWithAGraph) {
  ImageFeatures features = some_features();
  const BranchScores plain = branch_scores(features, some_labels(), kTopk);
  EXPECT_EQ(test::message_of([&] { combine(plain, ScoreKind::kProbability); }),
            "score: expected a positive logit scale for the score probability, got 0. Use another score.");
  features.patches.requires_grad_();
  const BranchScores graph = branch_scores(features, some_labels(), kTopk);
  EXPECT_EQ(
      test::message_of([&] { combine(graph, ScoreKind::kCosine); }),
      "score: expected branch scores without an autograd graph for the cosine, got some with one. Use a "
      "NoGradGuard.");
}

TEST(Scores, ZeroShotScoresAreNormalisedOverUnseenLabelsOnly) {
  const ImageFeatures features = some_features();
  const BranchScores scores = branch_scores(features, some_labels(), kTopk);
  const ZeroShotScores both = zero_shot_scores(scores, 4);
  const torch::Tensor unseen = combine(branch_scores(features, some_labels().narrow(0, 4, 3), kTopk));
  EXPECT_TRUE(torch::allclose(both.zsl, unseen, 0, 1e-6));
  EXPECT_TRUE(torch::equal(both.gzsl, combine(scores)));
}

TEST(Scores, OfChosenLabelsEqualScoresOfThoseLabelsOnly) {
  const torch::Tensor which = torch::tensor({5, 0, 3});
  const BranchScores scores = branch_scores(some_features(), some_labels(), kTopk);
  const BranchScores alone = branch_scores(some_features(), some_labels().index_select(0, which), kTopk);
  EXPECT_TRUE(torch::allclose(combine(scores.labels(which)), combine(alone), 0, 1e-6));
}

TEST(Scores, RefuseWhatDoesNotFit) {
  using test::message_of;
  EXPECT_EQ(message_of([] { branch_scores(some_features(), some_labels(), 17); }),
            "topk: expected 1 to 16 (the patches of an image), got 17.");
  EXPECT_EQ(message_of([] { branch_scores(some_features(), some_labels(), 0); }),
            "topk: expected 1 to 16 (the patches of an image), got 0.");
  EXPECT_EQ(message_of([] {
              branch_scores(some_features(), torch::zeros({7, 31}), 5);
            }),
            "label_emb: expected (labels, 32), got [7, 31].");
}

}  // namespace
}  // namespace mkt::model
