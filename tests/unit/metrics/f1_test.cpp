#include "mkt/metrics/f1.h"

#include <gtest/gtest.h>

#include <limits>

#include "mkt/core/error.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::metrics {
namespace {

TEST(F1, AgreesWithGolden) {
  const auto golden = weights::load_tensors(test::golden("metrics.pth"));
  for (const std::int64_t k : {3, 5}) {
    const F1 value = f1_at_k(golden.at("pred"), golden.at("labels"), k);
    const torch::Tensor expected = golden.at("f1_at_" + std::to_string(k));
    EXPECT_NEAR(value.f1, expected[0].item<double>(), 1e-6);
    EXPECT_NEAR(value.precision, expected[1].item<double>(), 1e-6);
    EXPECT_NEAR(value.recall, expected[2].item<double>(), 1e-6);
  }
}

TEST(F1, CountsHitsOfTheBestK) {
  const torch::Tensor scores = torch::tensor({{0.1F, 0.9F, 0.5F, 0.4F}, {0.8F, 0.1F, 0.2F, 0.3F}});
  const torch::Tensor labels = torch::tensor({{1, 1, -1, 0}, {-1, 1, 0, 1}});
  const F1 value = f1_at_k(scores, labels, 2);  // predicted {1, 2} and {0, 3}; true positives 1 and 3
  EXPECT_DOUBLE_EQ(value.precision, 2.0 / 4);
  EXPECT_DOUBLE_EQ(value.recall, 2.0 / 4);
  EXPECT_DOUBLE_EQ(value.f1, 0.5);
}

TEST(F1, SelectsTheSameLabelsAsTopk) {
  const torch::Tensor scores = test::formula_tensor("f1/scores", {50, 40}, -1, 1);
  const torch::Tensor labels = test::formula_tensor("f1/labels", {50, 40}, 0, 1).lt(0.2).to(torch::kInt8);
  for (const std::int64_t k : {1, 2, 7, 39, 40}) {
    const torch::Tensor best = std::get<1>(scores.topk(k, 1));
    const auto hits = labels.gather(1, best).sum().item<double>();
    EXPECT_DOUBLE_EQ(f1_at_k(scores, labels, k).precision, hits / static_cast<double>(50 * k)) << k;
  }
}

TEST(F1, PrefersTheLowerClassAmongEquals) {
  const torch::Tensor scores = torch::zeros({1, 4});
  const auto precision = [&](std::initializer_list<int> labels) {
    return f1_at_k(scores, torch::tensor(std::vector<int>(labels)).unsqueeze(0), 2).precision;
  };
  EXPECT_EQ(precision({1, 1, -1, -1}), 1.0);
  EXPECT_EQ(precision({-1, -1, 1, 1}), 0.0);
}

TEST(F1, IsZeroWithoutHits) {
  const F1 value = f1_at_k(torch::tensor({{0.9F, 0.1F}}), torch::tensor({{-1, 1}}), 1);
  EXPECT_EQ(value.f1, 0.0);
  EXPECT_EQ(value.precision, 0.0);
  EXPECT_EQ(value.recall, 0.0);
  EXPECT_EQ(f1_at_k(torch::rand({2, 3}), torch::zeros({2, 3}), 1).f1, 0.0);
}

TEST(F1, RejectsNanAndOtherK) {
  const auto message = [](const torch::Tensor& scores, std::int64_t k) -> std::string {
    try {
      f1_at_k(scores, torch::ones({2, 4}), k);
    } catch (const c10::ValueError& error) {
      return one_line(error);
    }
    return {};
  };
  EXPECT_NE(message(torch::rand({2, 4}), 5).find("k: expected 1 to 4 (the number of classes), got 5"),
            std::string::npos);
  EXPECT_NE(message(torch::rand({2, 4}), 0).find("got 0"), std::string::npos);
  EXPECT_NE(message(torch::full({2, 4}, std::numeric_limits<float>::quiet_NaN()), 1).find("got NaN"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::metrics
