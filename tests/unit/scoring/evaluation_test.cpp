#include "scoring/evaluation.h"

#include <gtest/gtest.h>

#include "support/message.h"
#include "unit/scoring/scored_example.h"

namespace mkt::scoring {
namespace {

// Average precision, computed by hand over the annotated images in descending order of score:
//   sky: present, absent, present, absent → (1/1 + 2/3) / 2
//   cat: present, absent, absent, present → (1/1 + 2/4) / 2
//   dog: present, absent, absent          → 1
constexpr double kSky = 5.0 / 6;
constexpr double kCat = 0.75;
constexpr double kDog = 1;

TEST(Evaluate, ComputesTheMetricsOfBothSettings) {
  const EvaluationResult result = evaluate(example_scores(), example_dataset());
  EXPECT_EQ(result.images, 4);
  EXPECT_NEAR(result.zsl.map, (kCat + kDog) / 2, 1e-12);
  EXPECT_NEAR(result.gzsl.map, (kSky + kCat + kDog) / 3, 1e-12);
  EXPECT_TRUE(torch::allclose(result.gzsl.average_precision,
                              torch::tensor({kSky, kCat, kDog}, torch::kFloat64), 0, 1e-12));
  EXPECT_TRUE(torch::equal(result.gzsl.positives, torch::tensor({2, 2, 1}, torch::kInt64)));
  // There are only two unseen labels, so the top 3 contain both: 8 predictions, 3 true positives.
  EXPECT_DOUBLE_EQ(result.zsl.f1[0].value.precision, 3.0 / 8);
  EXPECT_DOUBLE_EQ(result.zsl.f1[0].value.recall, 1);
  EXPECT_DOUBLE_EQ(result.zsl.f1[0].value.f1, 6.0 / 11);
  EXPECT_DOUBLE_EQ(result.gzsl.f1[1].value.precision, 5.0 / 12);
}

TEST(Evaluate, UsesTheLabelsOfTheScoredImages) {
  ScoredImages scored = example_scores();
  scored.gzsl = scored.gzsl.index_select(0, torch::tensor({1, 2}));
  scored.zsl = scored.zsl.index_select(0, torch::tensor({1, 2}));
  scored.indices = {1, 2};
  const EvaluationResult result = evaluate(scored, example_dataset());
  EXPECT_EQ(result.images, 2);
  EXPECT_DOUBLE_EQ(result.gzsl.average_precision[0].item<double>(), 0.5);  // ranking: absent, then present
  EXPECT_EQ(result.gzsl.positives[0].item<std::int64_t>(), 1);
}

TEST(Evaluate, EvaluatesNamedSetsOnTheirOwnScores) {
  data::Dataset dataset = example_dataset();
  dataset.sets = {{"dog and sky", {2, 0}}};
  ScoredImages scored = example_scores();
  scored.sets = {scored.gzsl.index_select(1, torch::tensor({2, 0}))};
  const EvaluationResult result = evaluate(scored, dataset);
  ASSERT_EQ(result.sets.size(), 1U);
  EXPECT_EQ(result.sets[0].first, "dog and sky");
  EXPECT_NEAR(result.sets[0].second.map, (kDog + kSky) / 2, 1e-12);
}

TEST(Evaluate, NeedsAScoredImage) {
  EXPECT_EQ(test::message_of([] { evaluate({}, example_dataset()); }),
            "evaluation: expected at least one readable image, got none. Check the image files.");
}

TEST(EvaluationJson, ListsTheClassesOfEachSettingIfAsked) {
  data::Dataset dataset = example_dataset();
  dataset.sets = {{"pair", {2, 0}}};
  ScoredImages scored = example_scores();
  scored.sets = {scored.gzsl.index_select(1, torch::tensor({2, 0}))};
  const EvaluationResult result = evaluate(scored, dataset);
  const auto json = to_json(result, dataset);
  EXPECT_EQ(json["images"], 4);
  EXPECT_EQ(json["zsl"]["classes"].size(), 2U);
  EXPECT_EQ(json["gzsl"]["classes"][0]["label"], "sky");
  EXPECT_EQ(json["gzsl"]["classes"][0]["positives"], 2);
  EXPECT_EQ(json["gzsl"]["classes"][1]["ap"], kCat);
  EXPECT_EQ(json["sets"]["pair"]["classes"][0]["label"], "dog");
  EXPECT_EQ(json["zsl"]["recall_5"], 1);
  const auto short_json = to_json(result, dataset, /*with_classes=*/false);
  EXPECT_FALSE(short_json["gzsl"].contains("classes"));
  EXPECT_EQ(short_json["gzsl"]["map"], json["gzsl"]["map"]);
}

/// The example without positives of "dog": its only one becomes absent.
data::Dataset example_without_dogs() {
  data::Dataset dataset = example_dataset();
  torch::Tensor labels = dataset.labels.dense({0, 1, 2, 3});
  labels[1][2] = -1;
  dataset.labels = labels;
  dataset.labels_unseen = dataset.labels.columns(1, 3);
  return dataset;
}

TEST(LabelsWithoutPositives, CountAsZeroAndAreNamedBesideTheMeanOfTheOthers) {
  const data::Dataset dataset = example_without_dogs();
  const EvaluationResult result = evaluate(example_scores(), dataset);
  EXPECT_NEAR(result.zsl.map, kCat / 2, 1e-12);
  EXPECT_EQ(result.zsl.labels_without_positives(), 1);
  EXPECT_NEAR(result.zsl.map_with_positives().value(), kCat, 1e-12);
  EXPECT_NEAR(result.gzsl.map_with_positives().value(), (kSky + kCat) / 2, 1e-12);
  const auto json = to_json(result, dataset, /*with_classes=*/false);
  EXPECT_EQ(json["zsl"]["labels_without_positives"], 1);
  EXPECT_EQ(json["zsl"]["map_with_positives"], kCat);
  EXPECT_EQ(json["gzsl"]["labels_without_positives"], 1);
  const std::string table = to_table(result);
  EXPECT_NE(
      table.find("ZSL: 1 of 2 labels have no positive image and count as 0 in mAP; mAP of the others 75.00\n"
                 "GZSL: 1 of 3 labels have no positive image and count as 0 in mAP; mAP of the others 79.17\n"
                 "4 images\n"),
      std::string::npos)
      << table;
}

TEST(LabelsWithoutPositives, LeaveNoMeanIfThereAreNoOthers) {
  data::Dataset dataset = example_dataset();
  dataset.labels = torch::full({4, 3}, -1, torch::kInt8);
  dataset.labels_unseen = dataset.labels.columns(1, 3);
  const EvaluationResult result = evaluate(example_scores(), dataset);
  EXPECT_FALSE(result.zsl.map_with_positives());
  EXPECT_TRUE(to_json(result, dataset)["gzsl"]["map_with_positives"].is_null());
  EXPECT_NE(
      to_table(result).find("ZSL: 2 of 2 labels have no positive image and count as 0 in mAP; mAP of the "
                            "others undefined\n"),
      std::string::npos);
}

TEST(Ties, AreWarnedOfWithTheWorstLabel) {
  EXPECT_EQ(ties_warning(evaluate(example_scores(), example_dataset()), example_dataset()), "");
  ScoredImages scored = example_scores();
  scored.gzsl[3][1] = scored.gzsl[0][1];
  scored.zsl = scored.gzsl.slice(1, 1).contiguous();
  scored.gzsl[1][1] = scored.gzsl[0][1];
  const EvaluationResult result = evaluate(scored, example_dataset());
  EXPECT_EQ(
      ties_warning(result, example_dataset()),
      "equal scores: over 1 % of a label's images have the score of another image. ZSL: 1 of 2 labels, most "
      "of "
      "all 'cat' (50.0 % of its images); GZSL: 1 of 3 labels, most of all 'cat' (75.0 % of its images). They "
      "are ranked in list order, so AP depends on that order.");
  const auto json = to_json(result, example_dataset());
  EXPECT_EQ(json["zsl"]["classes"][0]["tied_share"], 0.5);
  EXPECT_EQ(json["gzsl"]["classes"][2]["tied_share"], 0);
}

TEST(EvaluationJson, HasNoSetsIfTheDataSetHasNone) {
  EXPECT_FALSE(to_json(evaluate(example_scores(), example_dataset()), example_dataset()).contains("sets"));
}

TEST(EvaluationJson, NamesTheClassesIdsIfTheDataSetHasThem) {
  data::Dataset dataset = example_dataset();
  EXPECT_FALSE(to_json(evaluate(example_scores(), dataset), dataset)["zsl"]["classes"][0].contains("id"));
  dataset.seen_ids = {"/m/1"};
  dataset.unseen_ids = {"/m/2", "/m/3"};
  dataset.sets = {{"own", {2, 0}}};
  ScoredImages scored = example_scores();
  scored.sets = {scored.gzsl.index_select(1, torch::tensor({2, 0}))};
  const auto json = to_json(evaluate(scored, dataset), dataset);
  const auto ids = [](const nlohmann::ordered_json& setting) {
    std::vector<std::string> found;
    for (const auto& one : setting["classes"]) found.push_back(one["id"]);
    return found;
  };
  EXPECT_EQ(ids(json["zsl"]), dataset.unseen_ids);
  EXPECT_EQ(ids(json["gzsl"]), (std::vector<std::string>{"/m/1", "/m/2", "/m/3"}));
  EXPECT_EQ(ids(json["sets"]["own"]), (std::vector<std::string>{"/m/3", "/m/1"}));
  EXPECT_EQ(json["sets"]["own"]["classes"][0]["label"], "dog");
  EXPECT_FALSE(
      to_json(evaluate(scored, dataset), dataset, /*with_classes=*/false)["zsl"].contains("classes"));
}

TEST(EvaluationTable, HasARowPerSettingInPercent) {
  data::Dataset dataset = example_dataset();
  dataset.sets = {{"a long name", {0}}};
  ScoredImages scored = example_scores();
  scored.sets = {scored.gzsl.slice(1, 0, 1)};
  EXPECT_EQ(to_table(evaluate(scored, dataset)),
            "                 mAP    F1@3     P@3     R@3    F1@5     P@5     R@5\n"
            "ZSL            87.50   54.55   37.50  100.00   54.55   37.50  100.00\n"
            "GZSL           86.11   58.82   41.67  100.00   58.82   41.67  100.00\n"
            "a long name    83.33   66.67   50.00  100.00   66.67   50.00  100.00\n"
            "4 images\n");
}

}  // namespace
}  // namespace mkt::scoring
