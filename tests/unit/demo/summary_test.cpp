#include "demo/summary.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/command.h"
#include "support/message.h"
#include "world/demo_data.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

ordered_json result(double map) {
  ordered_json json;
  for (const char* setting : {"zsl", "gzsl"})
    json[setting] = {{"map", map}, {"f1_3", map / 2}, {"f1_5", map / 4}};
  json["images"] = 7;
  return json;
}

std::string write_json(const std::string& path, const ordered_json& json) {
  std::ofstream(path) << json.dump();
  return path;
}

SummaryOptions summary_options() {
  const std::string folder = mkt::test::scratch_folder("summary");
  static const std::string data = [&] {
    DataSetOptions drawing{};
    drawing.workers = 2;
    drawing.output = folder + "/data";
    drawing.train = 2;
    drawing.test = 200;
    drawing.validation = drawing.single = 0;
    write_data_set(drawing);
    return drawing.output;
  }();
  SummaryOptions options{};
  options.data_path = data;
  options.zero_shot = write_json(folder + "/z.json", result(0.20));
  options.zero_shot_global = write_json(folder + "/g.json", result(0.23));
  options.zero_shot_cosine = write_json(folder + "/c.json", result(0.25));
  options.zero_shot_probability = write_json(folder + "/p.json", result(0.24));
  options.stage1 = write_json(folder + "/1.json", result(0.315));
  options.stage2 = write_json(folder + "/2.json", result(0.30));
  options.json = folder + "/summary.json";
  return options;
}

TEST(Summary, HasAllResultsAndTheGainOverTheBestBaseline) {
  const SummaryOptions options = summary_options();
  const std::string table = summarise(options);
  EXPECT_NE(table.find("stage 1" + std::string(23, ' ') + "31.5    15.8     7.9    31.5"), std::string::npos)
      << table;
  EXPECT_NE(table.find("Stage 1 against the best zero-shot score: +6.5 points of ZSL mAP."),
            std::string::npos)
      << table;
  const ordered_json summary = read_json(options.json);
  std::vector<std::string> keys;
  for (const auto& [key, value] : summary.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"chance", "zero_shot", "zero_shot_global", "zero_shot_cosine",
                                            "zero_shot_probability", "stage1", "stage2"}));
  EXPECT_EQ(summary["zero_shot_global"], result(0.23));
  EXPECT_EQ(summary["chance"]["zsl"]["classes"].size(), 61U);
  EXPECT_NEAR(gain(summary), 6.5, 1e-9);
}

TEST(Summary, OfAnEarlierVersionHasNoCosine) {
  SummaryOptions options = summary_options();
  options.zero_shot_cosine.clear();
  options.zero_shot_probability.clear();
  const std::string table = summarise(options);
  EXPECT_EQ(table.find("cosine"), std::string::npos) << table;
  EXPECT_NEAR(gain(read_json(options.json)), 8.5, 1e-9);
}

TEST(Summary, HasRowsOfTheRecommendedRecipeIfGiven) {
  SummaryOptions options = summary_options();
  options.recommended_stage1 = write_json(options.json + ".r1", result(0.35));
  options.recommended_stage2 = write_json(options.json + ".r2", result(0.36));
  const std::string table = summarise(options);
  EXPECT_NE(table.find("stage 1, recommended          35.0    17.5     8.8    35.0"), std::string::npos)
      << table;
  EXPECT_NE(table.find("stage 1 + 2, recommended"), std::string::npos) << table;
  EXPECT_NE(table.find("+6.5 points of ZSL mAP."), std::string::npos) << table;  // of the published recipe
  EXPECT_EQ(read_json(options.json)["recommended_stage2"], result(0.36));
}

TEST(Summary, HasTheColumnsOfTheResults) {
  SummaryOptions options = summary_options();
  ordered_json other;
  for (const char* setting : {"zsl", "gzsl"}) other[setting] = {{"map", 0.3}, {"f1_1", 0.2}};
  for (std::string* path : {&options.zero_shot, &options.zero_shot_global, &options.zero_shot_cosine,
                            &options.zero_shot_probability, &options.stage1, &options.stage2})
    *path = write_json(options.json + ".k1", other);
  const std::string table = summarise(options);
  EXPECT_NE(table.find("F1@1"), std::string::npos) << table;
  EXPECT_EQ(table.find("F1@3"), std::string::npos) << table;
  const ordered_json summary = read_json(options.json);
  EXPECT_TRUE(summary["chance"]["gzsl"].contains("f1_1"));
  EXPECT_FALSE(summary["chance"]["gzsl"].contains("f1_3"));
}

TEST(Summary, RefusesResultsWithMoreMetricsThanTheFirst) {
  SummaryOptions options = summary_options();
  ordered_json more = result(0.3);
  more["gzsl"]["f1_10"] = 0.1;
  options.stage2 = write_json(options.json + ".more", more);
  EXPECT_EQ(mkt::test::message_of([&] { summarise(options); }),
            options.stage2 + ": expected the metrics of " + options.zero_shot +
                ", got gzsl's f1_10 as well. Evaluate again with the same k.");
}

TEST(Summary, ChanceIsNearTheShareOfPositives) {
  const auto options = summary_options();
  const ordered_json json = chance(options.data_path, 3);
  const auto& classes = json["zsl"]["classes"];
  double positives = 0;
  for (const auto& label : classes) positives += label["positives"].get<double>() / 200;
  const double share = positives / static_cast<double>(classes.size());
  EXPECT_GT(json["zsl"]["map"].get<double>(), 0.8 * share);
  EXPECT_LT(json["zsl"]["map"].get<double>(), 2.5 * share);
  EXPECT_EQ(json["images"], 200);
}

TEST(Summary, RefusesOtherFiles) {
  SummaryOptions options = summary_options();
  options.stage1 = write_json(options.json + ".other", {{"zsl", {{"map", 1}}}});
  EXPECT_EQ(mkt::test::message_of([&] { summarise(options); }),
            options.stage1 + ": expected a JSON result of eval, got one without zsl's f1_3. Evaluate again.");
  std::ofstream(options.stage1) << "[1]";
  EXPECT_EQ(mkt::test::message_of([&] { summarise(options); }),
            options.stage1 + ": expected a JSON object, got something else. Write the file again.");
}

}  // namespace
}  // namespace mkt::demo
