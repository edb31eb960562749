#include "scoring/protocol.h"

#include <gtest/gtest.h>

#include <numeric>

#include "scoring/evaluation.h"
#include "support/formula.h"
#include "support/message.h"
#include "support/plain_metrics.h"

namespace mkt::scoring {
namespace {

using test::plain;
using test::PlainSetting;

constexpr std::int64_t kImages = 40;
constexpr std::int64_t kSeen = 30;
constexpr std::int64_t kUnseen = 24;
constexpr std::int64_t kTwin =
    6;  // seen label that has the same name, and so the same scores, as an unseen one
const std::vector<std::int64_t> kListed = {10, 20};

/// A miniature of Open Images: most labels are not annotated; some images have no positive, or only seen
/// ones; some labels have negatives only, or no annotation at all.
data::Dataset open_images() {
  torch::Tensor labels =
      test::formula_tensor("protocol/labels", {kImages, kSeen + kUnseen}, -0.9, 0.9).round().to(torch::kInt8);
  const auto below = [](const torch::Tensor& part, std::int64_t most) { part.clamp_(-1, most); };
  below(labels.slice(0, 3, 7), 0);                       // no positive
  below(labels.slice(0, 10, 17).slice(1, kSeen), 0);     // no unseen positive
  below(labels.slice(0, 17, 20).slice(1, 0, kSeen), 0);  // no seen positive
  labels.slice(0, 36, 38).fill_(0);                      // not annotated at all
  for (const std::int64_t never : {std::int64_t{2}, std::int64_t{9}, kSeen + 5})
    labels.select(1, never).fill_(0);
  for (const std::int64_t absent : {std::int64_t{4}, kSeen + 7}) below(labels.select(1, absent), 0);
  labels.select(1, 11).fill_(0);
  labels[4][11] = -1;  // annotated only in an image that is left out
  data::Dataset dataset;
  for (std::int64_t c = 0; c < kSeen; ++c) dataset.seen.push_back("seen " + std::to_string(c));
  for (std::int64_t c = 0; c < kUnseen; ++c) dataset.unseen.push_back("unseen " + std::to_string(c));
  dataset.unseen[1] = dataset.seen[kTwin];
  dataset.labels = labels;
  dataset.labels_unseen = dataset.labels.columns(kSeen, kSeen + kUnseen);
  dataset.sets = {{"mixed", {kSeen + 1, 0,  2,  kTwin, 25, kSeen + 7, 4,  12, 13, 14,       15,
                             16,        17, 18, 19,    20, 21,        22, 23, 24, kSeen + 9}}};
  return dataset;
}

/// Scores in coarse steps, so that many are equal.
ScoredImages coarse_scores(const data::Dataset& dataset) {
  ScoredImages scored;
  scored.gzsl = (test::formula_tensor("protocol/gzsl", {kImages, kSeen + kUnseen}, 0, 1) * 25).round() / 25;
  scored.gzsl.select(1, kSeen + 1).copy_(scored.gzsl.select(1, kTwin));
  scored.zsl = (test::formula_tensor("protocol/zsl", {kImages, kUnseen}, 0, 1) * 20).round() / 20;
  scored.sets = {scored.gzsl.index_select(1, torch::tensor(dataset.sets[0].labels, torch::kInt64)) * 0.5};
  scored.indices.resize(kImages);
  std::iota(scored.indices.begin(), scored.indices.end(), 0);
  return scored;
}

void expect_equal(const SettingResult& found, const PlainSetting& expected, const std::string& name) {
  constexpr double kNear = 1e-9;
  EXPECT_NEAR(found.map, expected.map, kNear) << name;
  EXPECT_NEAR(found.weighted_map, expected.weighted_map, kNear) << name;
  EXPECT_NEAR(found.map_per_image.value(), expected.map_per_image, kNear) << name;
  EXPECT_EQ(found.images, static_cast<std::int64_t>(expected.images)) << name;
  EXPECT_EQ(found.labels(), static_cast<std::int64_t>(expected.labels)) << name;
  ASSERT_EQ(found.f1.size(), expected.f1.size()) << name;
  for (const F1AtK& at : found.f1) {
    EXPECT_NEAR(at.value.f1, expected.f1.at(at.k).f1, kNear) << name << " " << at.k;
    EXPECT_NEAR(at.value.precision, expected.f1.at(at.k).precision, kNear) << name << " " << at.k;
    EXPECT_NEAR(at.value.recall, expected.f1.at(at.k).recall, kNear) << name << " " << at.k;
  }
}

TEST(BiamProtocol, EqualsASlowStatement) {
  const data::Dataset dataset = open_images();
  const ScoredImages scored = coarse_scores(dataset);
  const EvaluationResult result = evaluate(scored, dataset, {Protocol::kBiam, kListed, true});
  const torch::Tensor labels = dataset.labels.dense();
  const torch::Tensor set = torch::tensor(dataset.sets[0].labels, torch::kInt64);
  const auto biam = [](const torch::Tensor& scores, const torch::Tensor& truth, bool in_map, bool in_f1) {
    return test::plain_biam(plain(scores), plain(truth), kListed, in_map, in_f1);
  };
  expect_equal(result.zsl, biam(scored.zsl, labels.slice(1, kSeen), false, false), "ZSL");
  expect_equal(result.gzsl, biam(scored.gzsl, labels, true, false), "GZSL");
  ASSERT_TRUE(result.seen);
  expect_equal(*result.seen, biam(scored.gzsl.slice(1, 0, kSeen), labels.slice(1, 0, kSeen), true, true),
               "SEEN");
  expect_equal(result.sets.at(0).second, biam(scored.sets[0], labels.index_select(1, set), true, false),
               "set");
  EXPECT_EQ(result.images, kImages);
}

TEST(BiamProtocol, CountsTheImagesAndLabelsThatTheMiniatureWasMadeWith) {
  const data::Dataset dataset = open_images();
  const EvaluationResult result =
      evaluate(coarse_scores(dataset), dataset, {Protocol::kBiam, kListed, false});
  EXPECT_LT(result.zsl.images, result.gzsl.images);
  EXPECT_LT(result.seen->images, result.gzsl.images);
  EXPECT_EQ(result.zsl.labels(), kUnseen);  // the unannotated one counts 0
  EXPECT_EQ(result.gzsl.labels(),
            kSeen + kUnseen - 4);  // 2, 9, 11 and one unseen label have no annotation left
  EXPECT_EQ(result.seen->labels(), kSeen - 3);
  EXPECT_EQ(result.seen->predictable, kSeen - 3);
  EXPECT_EQ(result.gzsl.predictable, kSeen + kUnseen);
  EXPECT_GE(result.gzsl.labels_without_positives(), 2);  // labels with negatives only count 0
  EXPECT_FALSE(result.gzsl.map_per_image);
}

TEST(MktProtocol, EqualsASlowStatementToTheLastBit) {
  const data::Dataset dataset = open_images();
  const ScoredImages scored = coarse_scores(dataset);
  const EvaluationResult result = evaluate(scored, dataset);
  const torch::Tensor labels = dataset.labels.dense();
  const auto expect_exact = [](const SettingResult& found, const torch::Tensor& scores,
                               const torch::Tensor& truth) {
    const PlainSetting expected = test::plain_setting(plain(scores), plain(truth), {3, 5}, false, false);
    const torch::Tensor average = torch::tensor(expected.average_precision, torch::kFloat64);
    EXPECT_TRUE(torch::equal(found.average_precision, average));
    EXPECT_EQ(found.map, average.mean().item<double>());
    EXPECT_EQ(found.images, kImages);
    EXPECT_EQ(found.labels(), scores.size(1));
    for (const F1AtK& at : found.f1) {
      EXPECT_EQ(at.value.f1, expected.f1.at(at.k).f1);
      EXPECT_EQ(at.value.precision, expected.f1.at(at.k).precision);
      EXPECT_EQ(at.value.recall, expected.f1.at(at.k).recall);
    }
  };
  expect_exact(result.zsl, scored.zsl, labels.slice(1, kSeen));
  expect_exact(result.gzsl, scored.gzsl, labels);
  expect_exact(result.sets.at(0).second, scored.sets[0],
               labels.index_select(1, torch::tensor(dataset.sets[0].labels, torch::kInt64)));
  EXPECT_FALSE(result.seen);
}

TEST(MktProtocol, KeepsTheKeysOfItsJsonInTheirOrder) {
  const data::Dataset dataset = open_images();
  const auto json = to_json(evaluate(coarse_scores(dataset), dataset), dataset);
  const auto keys = [](const nlohmann::ordered_json& object) {
    std::vector<std::string> names;
    for (const auto& [key, value] : object.items()) names.push_back(key);
    return names;
  };
  EXPECT_EQ(keys(json), (std::vector<std::string>{"zsl", "gzsl", "sets", "images", "protocol", "k"}));
  EXPECT_EQ(keys(json["zsl"]), (std::vector<std::string>{
                                   "map", "map_with_positives", "labels_without_positives", "f1_3",
                                   "precision_3", "recall_3", "f1_5", "precision_5", "recall_5", "classes"}));
  EXPECT_EQ(keys(json["zsl"]["classes"][0]),
            (std::vector<std::string>{"label", "ap", "positives", "tied_share"}));
  EXPECT_EQ(json["protocol"], "mkt");
  EXPECT_EQ(json["k"], (std::vector<std::int64_t>{3, 5}));
}

TEST(BiamProtocol, JsonHasTheSeenLabelsAndWhatCounts) {
  const data::Dataset dataset = open_images();
  const EvaluationResult result = evaluate(coarse_scores(dataset), dataset, {Protocol::kBiam, kListed, true});
  const auto json = to_json(result, dataset);
  EXPECT_EQ(json["protocol"], "biam");
  EXPECT_EQ(json["k"], kListed);
  for (const char* setting : {"zsl", "gzsl", "seen"}) {
    for (const char* key :
         {"map", "weighted_map", "map_per_image", "f1_10", "precision_20", "recall_20", "images"})
      EXPECT_TRUE(json[setting].contains(key)) << setting << " " << key;
    EXPECT_FALSE(json[setting].contains("f1_3"));
  }
  EXPECT_EQ(json["seen"]["classes"].size(), static_cast<std::size_t>(kSeen));
  EXPECT_EQ(json["seen"]["classes"][2]["label"], "seen 2");
  EXPECT_TRUE(json["seen"]["classes"][2]["ap"].is_null());  // not annotated, so it does not count
  EXPECT_EQ(json["seen"]["classes"][4]["ap"], 0);           // negatives only
  EXPECT_EQ(json["zsl"]["classes"][5]["ap"], 0);            // ZSL counts all unseen labels
  EXPECT_EQ(json["sets"]["mixed"]["classes"].size(), 21U);
}

TEST(BiamProtocol, TableSaysWhatCounts) {
  const data::Dataset dataset = open_images();
  const EvaluationResult result = evaluate(coarse_scores(dataset), dataset, {Protocol::kBiam, kListed, true});
  const std::string table = to_table(result);
  EXPECT_EQ(
      table.rfind("           mAP   w-mAP  mAP/img   F1@10    P@10    R@10   F1@20    P@20    R@20\n", 0), 0U)
      << table;
  EXPECT_NE(table.find("\nSEEN "), std::string::npos) << table;
  const std::string counted =
      "GZSL: the " + std::to_string(result.gzsl.images) +
      " images with a positive count; mAP over the 50 of 54 labels annotated in them\n";
  EXPECT_NE(table.find(counted), std::string::npos) << table;
  EXPECT_NE(table.find("images with a positive count; mAP over all 24 labels\n"), std::string::npos) << table;
}

TEST(BiamProtocol, HasZerosIfNoImageHasAPositive) {
  data::Dataset dataset = open_images();
  dataset.labels = dataset.labels.dense().clamp(-1, 0);
  dataset.labels_unseen = dataset.labels.columns(kSeen, kSeen + kUnseen);
  const EvaluationResult result = evaluate(coarse_scores(dataset), dataset, {Protocol::kBiam, {1}, true});
  for (const SettingResult* setting : {&result.zsl, &result.gzsl, &*result.seen}) {
    EXPECT_EQ(setting->images, 0);
    EXPECT_EQ(setting->map, 0);
    EXPECT_EQ(setting->weighted_map, 0);
    EXPECT_EQ(setting->map_per_image, 0);
    EXPECT_EQ(setting->f1.at(0).value.f1, 0);
  }
  EXPECT_TRUE(to_json(result, dataset)["seen"]["map_with_positives"].is_null());
}

TEST(K, MustBeDistinctPositiveNumbers) {
  const auto message = [](const std::vector<std::int64_t>& k) {
    return test::message_of([&] { check_k(k); });
  };
  EXPECT_EQ(message({}), "k: expected at least one number, got none. Give one.");
  EXPECT_EQ(message({3, 0}), "k: expected numbers of at least 1, got 0. Give another.");
  EXPECT_EQ(message({3, 5, 3}), "k: expected distinct numbers, got 3 twice. Drop one.");
  EXPECT_EQ(message({5, 3}), "");
}

TEST(K, LargerThanASettingIsWarnedOf) {
  const data::Dataset dataset = open_images();
  const ScoredImages scored = coarse_scores(dataset);
  EXPECT_EQ(k_warning(evaluate(scored, dataset, {Protocol::kMkt, {10, 21}, false})), "");
  const EvaluationResult mkt = evaluate(scored, dataset, {Protocol::kMkt, {24, 25, 30}, false});
  EXPECT_EQ(k_warning(mkt),
            "k: F1 at k predicts all labels of a setting that has fewer than k: ZSL has 24 (k = 25, 30); "
            "mixed has 21 "
            "(k = 24, 25, 30).");
  EXPECT_EQ(mkt.zsl.f1.at(1).k, 25);
  EXPECT_EQ(mkt.zsl.f1.at(1).value.f1, mkt.zsl.f1.at(0).value.f1);
  EXPECT_EQ(k_warning(evaluate(scored, dataset, {Protocol::kBiam, {28}, false})),
            "k: F1 at k predicts all labels of a setting that has fewer than k: ZSL has 24 (k = 28); SEEN "
            "has 27 (k = "
            "28); mixed has 21 (k = 28).");
}

TEST(K, HeadlineHasTheFirst) {
  const data::Dataset dataset = open_images();
  const std::string line =
      headline(evaluate(coarse_scores(dataset), dataset, {Protocol::kMkt, {7, 3}, false}));
  EXPECT_EQ(line.rfind("ZSL mAP ", 0), 0U) << line;
  EXPECT_NE(line.find(", F1@7 "), std::string::npos) << line;
  EXPECT_EQ(line.find("F1@3"), std::string::npos) << line;
}

}  // namespace
}  // namespace mkt::scoring
