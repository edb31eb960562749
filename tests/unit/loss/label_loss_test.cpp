#include "loss/label_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cases.h"
#include "core/memory.h"
#include "mkt/loss/asymmetric.h"
#include "mkt/loss/ranking.h"
#include "mkt/loss/smooth_ranking.h"
#include "support/message.h"

namespace mkt::loss {
namespace {

constexpr double kScale = 30;

std::vector<LabelLossOptions> all_kinds() {
  return {{}, {LossKind::kSmoothRank}, {LossKind::kAsymmetric, 1, kScale}, {LossKind::kMultiMatch}};
}

struct Case {
  torch::Tensor scores = test::formula_tensor("label-loss/scores", {4, 25}, -0.5, 0.5);
  torch::Tensor labels = test::random_labels("label-loss/labels", 4, 25, 0.2);
};

/// Takes `steps` optimiser steps on the loss's own parameters.
void train(LabelLoss& loss, int steps) {
  const Case given;
  for (int i = 0; i < steps; ++i) {
    for (const torch::Tensor& parameter : loss.parameters()) parameter.mutable_grad() = torch::Tensor();
    loss(given.scores, given.labels).backward();
    loss.update(0.1);
  }
}

TEST(LabelLoss, DispatchesToTheLossOfItsKind) {
  const Case given;
  const auto value = [&](const LabelLossOptions& options) {
    return (*make_label_loss(options))(given.scores, given.labels);
  };
  EXPECT_TRUE(value({}).equal(ranking_loss(given.scores, given.labels)));
  EXPECT_TRUE(value({LossKind::kRank, 0.2}).equal(ranking_loss(given.scores, given.labels, 0.2)));
  EXPECT_FALSE(value({LossKind::kRank, 0.2}).equal(value({})));
  EXPECT_TRUE(value({LossKind::kSmoothRank}).equal(smooth_ranking_loss(given.scores, given.labels, 20)));
  EXPECT_TRUE(value({LossKind::kSmoothRank, 1, 5}).equal(smooth_ranking_loss(given.scores, given.labels, 5)));
  EXPECT_TRUE(value({LossKind::kMultiMatch, 1, 5}).equal(multi_match_loss(given.scores, given.labels, 5)));
}

TEST(LabelLoss, DescribesWhatChangesItsValues) {
  EXPECT_EQ(describe({}), "rank, margin 1.0");
  EXPECT_EQ(describe({LossKind::kRank, 0.2}), "rank, margin 0.2");
  EXPECT_EQ(describe({LossKind::kSmoothRank}), describe({LossKind::kSmoothRank, 1, 20}));
  EXPECT_EQ(describe({LossKind::kSmoothRank, 1, 12.5}), "smooth-rank, scale 12.5");
  EXPECT_EQ(describe({LossKind::kAsymmetric}), "asymmetric, scale of CLIP");
  EXPECT_TRUE(is_published({}));
  EXPECT_FALSE(is_published({LossKind::kRank, 1 + 1e-12}));
  EXPECT_TRUE(make_label_loss()->facts().is_null());
  EXPECT_EQ(make_label_loss({LossKind::kMultiMatch})->facts().dump(),
            R"({"kind":"multi-match","scale":20.0})");
}

TEST(LabelLoss, KnowsItsValueForEqualScores) {
  const Case given;
  const torch::Tensor equal = torch::full_like(given.scores, 0.25);
  for (const LabelLossOptions& options : std::vector<LabelLossOptions>{
           {}, {LossKind::kRank, 0.2}, {LossKind::kSmoothRank}, {LossKind::kSmoothRank, 1, 3}}) {
    const auto loss = make_label_loss(options);
    ASSERT_TRUE(loss->of_equal_scores()) << describe(options);
    EXPECT_NEAR((*loss)(equal, given.labels).item<double>(), *loss->of_equal_scores(), 1e-6)
        << describe(options);
  }
  EXPECT_FALSE(make_label_loss({LossKind::kMultiMatch})->of_equal_scores());
  EXPECT_FALSE(make_label_loss({LossKind::kRank, 0})->of_equal_scores())
      << "perfect ranking has the same loss";
}

TEST(LabelLoss, OfCosinesStartsAtTheScaleAndTheShareOfPresentLabels) {
  const Case given;
  const auto loss = make_label_loss({LossKind::kAsymmetric, 1, kScale});
  EXPECT_TRUE(loss->of_cosines());
  (*loss)(given.scores, given.labels);
  const auto facts = loss->facts();
  EXPECT_EQ(facts["kind"], "asymmetric");
  EXPECT_NEAR(facts["scale"].get<double>(), kScale, 1e-4);
  const auto annotated = given.scores.masked_select(given.labels.ne(0));
  const double present = given.labels.eq(1).sum().item<double>();
  const double absent = given.labels.eq(-1).sum().item<double>();
  EXPECT_NEAR(facts["bias"].get<double>() + kScale * annotated.mean().item<double>(),
              std::log((present + 1) / (absent + 1)), 1e-4);
}

TEST(LabelLoss, TrainsScaleAndBiasAlongTheirGradients) {
  const Case given;
  const auto loss = make_label_loss({LossKind::kAsymmetric, 1, kScale});
  ASSERT_EQ(loss->parameters().size(), 1U);
  (*loss)(given.scores, given.labels).backward();
  const auto facts = loss->facts();
  const torch::Tensor naive =
      torch::tensor({std::log(facts["scale"].get<double>()), facts["bias"].get<double>()}, torch::kFloat64)
          .requires_grad_();
  asymmetric_loss(naive[0].exp() * given.scores.to(torch::kFloat64) + naive[1], given.labels).backward();
  test::expect_close(loss->parameters()[0].grad(), naive.grad(), 1e-5);
  EXPECT_GT(naive.grad().abs().min().item<double>(), 1e-4);
  const double before = (*loss)(given.scores, given.labels).item<double>();
  train(*loss, 20);
  EXPECT_LT((*loss)(given.scores, given.labels).item<double>(), before);
}

TEST(LabelLoss, ResumesWithTheSameBits) {
  for (const int done : {0, 1, 5}) {
    const auto whole = make_label_loss({LossKind::kAsymmetric, 1, kScale});
    train(*whole, done);
    optim::State state = {{"model.rows", torch::ones({2})}};
    whole->add_state(state);
    const auto resumed = make_label_loss({LossKind::kAsymmetric, 1, 7});
    resumed->take_state(state);
    EXPECT_EQ(state.size(), 1U) << "takes its own tensors only";
    train(*whole, 3);
    train(*resumed, 3);
    EXPECT_TRUE(resumed->parameters()[0].equal(whole->parameters()[0])) << done;
  }
}

TEST(LabelLoss, RefusesAStateWithoutItsScalars) {
  const auto loss = make_label_loss({LossKind::kAsymmetric, 1, kScale});
  optim::State state = {{"loss.decay", torch::ones({})}};
  EXPECT_EQ(test::message_of([&] { loss->take_state(state); }),
            "state: expected two numbers in 'loss.scalars', got 0. Resume from a complete state.");
}

TEST(LabelLoss, RefusesCosinesWithoutAScale) {
  EXPECT_EQ(test::message_of([] { make_label_loss({LossKind::kAsymmetric}); }),
            "loss-scale: expected a positive number for the asymmetric loss, got 0. Give one.");
}

TEST(LabelLoss, NeedsMemoryForImagesTimesLabelsOnly) {
  constexpr std::int64_t kImages = 64;
  constexpr std::int64_t kLabels = 7186;  // Open Images; a byte per image and pair of labels would be 3 GiB
  constexpr double kMostMib = 100;
  const torch::Tensor scores =
      test::formula_tensor("label-loss/wide", {kImages, kLabels}, -0.5, 0.5).requires_grad_();
  torch::Tensor labels = torch::full({kImages, kLabels}, -1, torch::kInt8);
  labels.slice(1, 0, 40).fill_(1);
  for (const LabelLossOptions& options : all_kinds()) {
    const auto loss = make_label_loss(options);
    const double before = peak_memory_mib();
    (*loss)(scores, labels).backward();
    EXPECT_LT(peak_memory_mib() - before, kMostMib) << describe(options);
  }
}

}  // namespace
}  // namespace mkt::loss
