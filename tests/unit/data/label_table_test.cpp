#include "mkt/data/label_table.h"

#include <gtest/gtest.h>

#include "support/message.h"

namespace mkt::data {
namespace {

torch::Tensor labels_of(std::initializer_list<int> values, std::int64_t columns) {
  return torch::tensor(at::ArrayRef<int>(values.begin(), values.size())).to(torch::kInt8).view({-1, columns});
}

TEST(LabelTable, GivesBackTheDenseMatrix) {
  torch::manual_seed(1);
  for (const int most : {-1, 0, 1}) {
    torch::Tensor table = torch::randint(-1, 2, {50, 40}, torch::kInt8);
    table.masked_fill_(torch::rand({50, 40}).lt(0.8), most);
    const LabelTable labels(table);
    EXPECT_TRUE(labels.dense().equal(table)) << most;
    EXPECT_TRUE(labels.dense({7, 3, 7}).equal(table.index_select(0, torch::tensor({7, 3, 7})))) << most;
    EXPECT_TRUE(labels.columns(11, 30).dense().equal(table.slice(1, 11, 30))) << most;
    EXPECT_TRUE(
        labels.columns(11, 30).columns(2, 5).dense({9}).equal(table.slice(1, 13, 16).slice(0, 9, 10)));
    for (const std::int8_t value : {-1, 0, 1}) {
      EXPECT_TRUE(labels.count(value).equal(table.eq(value).sum(0))) << most << " " << int{value};
      EXPECT_EQ(labels.rows_with(value), table.eq(value).any(1).sum().item<std::int64_t>());
      EXPECT_EQ(labels.columns(4, 6).rows_with(value),
                table.slice(1, 4, 6).eq(value).any(1).sum().item<std::int64_t>());
    }
  }
}

TEST(LabelTable, RowsHoldTheRestWhereNothingIsGiven) {
  LabelTable absent(4, -1);
  absent.add({3, 1, 9}, {0});
  absent.add({}, {});
  EXPECT_TRUE(absent.dense().equal(labels_of({-1, 1, -1, 1, -1, -1, -1, -1}, 4))) << absent.dense();
  LabelTable unknown(4, 0);
  unknown.add({3}, {2, 0, 7});
  EXPECT_TRUE(unknown.dense().equal(labels_of({-1, 0, -1, 1}, 4))) << unknown.dense();
  EXPECT_TRUE(unknown.columns(4, 4).dense().sizes() == torch::IntArrayRef({1, 0}));
}

TEST(LabelTable, TakesMemoryPerAnnotationOnly) {
  constexpr std::int64_t kRows = 10'000;
  LabelTable labels(7586, 0);
  for (std::int64_t i = 0; i < kRows; ++i) {
    const auto label = static_cast<std::int32_t>(i % 7000);
    labels.add({label}, {label + 1, label + 2});
  }
  EXPECT_LE(labels.memory(), 2 * kRows * (8 + 3 * 4));  // factor 2: vectors double their capacity
  EXPECT_EQ(labels.dense({kRows - 1}).ne(0).sum().item<int>(), 3);
}

TEST(LabelTable, DigestsDifferIfTablesDiffer) {
  const torch::Tensor table = labels_of({1, -1, 0, 0, 0, 0}, 3);
  EXPECT_EQ(LabelTable(table).digest(), LabelTable(table.clone()).digest());
  EXPECT_NE(LabelTable(table).digest(), LabelTable(table.view({3, 2})).digest());
  EXPECT_NE(LabelTable(table).digest(), LabelTable(table.neg()).digest());
  EXPECT_NE(LabelTable(3, 0).digest(), LabelTable(3, -1).digest());
}

TEST(LabelTable, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(LabelTable().defined());
  EXPECT_FALSE(LabelTable(torch::Tensor()).defined());
  const LabelTable labels(labels_of({1, 0}, 2));
  EXPECT_EQ(test::message_of([&] { labels.dense({1}); }), "labels: expected a row below 1, got 1.");
  EXPECT_EQ(test::message_of([&] { labels.columns(1, 3); }), "labels: expected columns of 2, got 1 to 3.");
  EXPECT_EQ(test::message_of([&] {
              LabelTable(2, 0).add(torch::zeros({1, 3}));
            }),
            "labels: expected rows of 2, got [1, 3].");
  EXPECT_EQ(test::message_of([&] { LabelTable(torch::zeros({3})); }),
            "labels: expected a table (images, labels), got [3].");
}

}  // namespace
}  // namespace mkt::data
