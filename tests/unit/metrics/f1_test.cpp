#include "mkt/metrics/f1.h"

#include <gtest/gtest.h>

#include <limits>

#include "mkt/core/error.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"
#include "support/message.h"

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

TEST(F1, OfSeveralKEqualsOneByOne) {
  const torch::Tensor scores = test::formula_tensor("f1/several", {30, 25}, -1, 1);
  const torch::Tensor labels = test::formula_tensor("f1/known", {30, 25}, -1, 1).round().to(torch::kInt8);
  const std::vector<std::int64_t> listed = {7, 1, 25, 3};
  const std::vector<F1> values = f1_at_k(scores, labels, F1Options{listed});
  ASSERT_EQ(values.size(), listed.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const F1 one = f1_at_k(scores, labels, listed[i]);
    EXPECT_EQ(values[i].f1, one.f1);
    EXPECT_EQ(values[i].precision, one.precision);
    EXPECT_EQ(values[i].recall, one.recall);
  }
}

TEST(F1, LeavesOutImagesAndClassesAsIfTheyWereNotThere) {
  const torch::Tensor scores = test::formula_tensor("f1/left", {30, 25}, -1, 1);
  torch::Tensor labels = test::formula_tensor("f1/left labels", {30, 25}, -1, 1).round().to(torch::kInt8);
  labels.slice(0, 4, 9).clamp_(-1, 0);
  const torch::Tensor classes = torch::arange(25).remainder(3).ne(1);  // (C) bool
  const torch::Tensor which = classes.nonzero().flatten();
  const torch::Tensor images = labels.index_select(1, which).eq(1).any(1).nonzero().flatten();
  const auto kept = [&](const torch::Tensor& table) {
    return table.index_select(1, which).index_select(0, images);
  };
  const F1 expected = f1_at_k(kept(scores), kept(labels), 4);
  const F1 found = f1_at_k(scores, labels, F1Options{{4}, true, classes}).front();
  EXPECT_LT(images.size(0), 30);
  EXPECT_EQ(found.f1, expected.f1);
  EXPECT_EQ(found.precision, expected.precision);
  EXPECT_EQ(found.recall, expected.recall);
  EXPECT_LT(f1_at_k(scores, labels, F1Options{{4}, false, classes}).front().precision, expected.precision);
}

TEST(F1, OfARangeOfColumnsEqualsThatOfACopy) {
  torch::Tensor scores = test::formula_tensor("f1/wide", {20, 30}, -1, 1);
  const torch::Tensor labels =
      test::formula_tensor("f1/wide labels", {20, 30}, -1, 1).round().to(torch::kInt8);
  const torch::Tensor part = scores.narrow(1, 4, 20);
  EXPECT_EQ(f1_at_k(part, labels.narrow(1, 4, 20), 3).f1,
            f1_at_k(part.contiguous(), labels.narrow(1, 4, 20).contiguous(), 3).f1);
  scores[7][2] = std::numeric_limits<float>::quiet_NaN();  // outside the range
  EXPECT_GT(f1_at_k(part, labels.narrow(1, 4, 20), 3).f1, 0);
  scores[19][23] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(f1_at_k(part, labels.narrow(1, 4, 20), 3), c10::ValueError);
}

TEST(F1, RejectsOptionsWithoutKOrWithOtherClasses) {
  const auto message = [](const F1Options& options) {
    return test::message_of([&] { f1_at_k(torch::rand({2, 4}), torch::ones({2, 4}), options); });
  };
  EXPECT_EQ(message(F1Options{}), "k: expected at least one number, got none. Give one.");
  EXPECT_EQ(message(F1Options{{1, 5}}),
            "k: expected 1 to 4 (the number of classes), got 5. Choose another k.");
  EXPECT_EQ(message(F1Options{{3}, false, torch::tensor({true, false, true, false})}),
            "k: expected 1 to 2 (the number of classes), got 3. Choose another k.");
  EXPECT_EQ(message(F1Options{{1}, false, torch::ones({3}, torch::kBool)}),
            "classes: expected 4 truth values, got Bool [3]. Give one per class.");
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
