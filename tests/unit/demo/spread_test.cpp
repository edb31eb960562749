#include "demo/spread.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "demo/summary.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

/// A result of eval with the same value everywhere.
ordered_json constant_result(double value, const std::string& extra = "f1_5") {
  ordered_json json;
  for (const char* setting : {"zsl", "gzsl"})
    json[setting] = {{"map", value}, {"f1_3", value}, {extra, value}};
  return json;
}

ordered_json summary(double stage1, const std::string& extra = "f1_5") {
  ordered_json json;
  for (const char* key : {"chance", "zero_shot", "zero_shot_global", "stage2"})
    json[key] = constant_result(0.2, extra);
  json["stage1"] = constant_result(stage1, extra);
  return json;
}

std::string spread_of(const std::vector<ordered_json>& summaries, SpreadOptions& options) {
  const std::string folder = mkt::test::scratch_folder("spread");
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    options.summaries.push_back(fmt::format("{}/{}.json", folder, i));
    std::ofstream(options.summaries.back()) << summaries[i].dump();
  }
  options.json = folder + "/spread.json";
  return spread(options);
}

TEST(Spread, CombinesSummaries) {
  SpreadOptions options;
  const std::string table = spread_of({summary(0.30), summary(0.34)}, options);
  EXPECT_NE(table.find("32.0 ± 2.8"), std::string::npos) << table;
  EXPECT_NE(table.find("points of ZSL mAP: 12.0 ± 2.8 over 2 runs: 10.0 14.0"), std::string::npos) << table;
  EXPECT_EQ(table.find("recommended"), std::string::npos) << table;
  const auto json = read_json(options.json);
  EXPECT_EQ(json["runs"], 2);
  EXPECT_NEAR(json["stage1"]["gzsl"]["f1_5"]["mean"].get<double>(), 32, 1e-9);
  EXPECT_NEAR(json["gain"]["mean"].get<double>(), 12, 1e-9);
  EXPECT_FALSE(json.contains("differences"));
}

TEST(Spread, ComparesBothRecipesRunByRun) {
  std::vector<ordered_json> summaries = {summary(0.30), summary(0.34)};
  for (std::size_t i = 0; i < 2; ++i) {
    summaries[i]["recommended_stage1"] = constant_result(i == 0 ? 0.35 : 0.36);
    summaries[i]["recommended_stage2"] = constant_result(0.19);
  }
  SpreadOptions options;
  const std::string table = spread_of(summaries, options);
  EXPECT_NE(table.find("stage 1, recommended"), std::string::npos) << table;
  EXPECT_NE(table.find("+3.5 ± 2.1 (19.1) "), std::string::npos) << table;  // 5 and 2 points
  EXPECT_NE(table.find("-1.0 ± 0.0 (0.0)*"), std::string::npos) << table;
  const auto json = read_json(options.json);
  EXPECT_EQ(json["differences"].size(), 2U);
  EXPECT_NEAR(json["differences"]["stage1"]["zsl"]["map"]["mean"].get<double>(), 3.5, 1e-9);
  summaries[1].erase("recommended_stage1");
  SpreadOptions fewer;
  spread_of(summaries, fewer);
  EXPECT_EQ(read_json(fewer.json)["differences"].size(), 1U);
}

TEST(Spread, HasTheColumnsOfTheSummaries) {
  SpreadOptions options;
  const std::string table = spread_of({summary(0.30, "f1_10")}, options);
  EXPECT_NE(table.find("GZSL F1@10"), std::string::npos) << table;
  EXPECT_EQ(table.find("F1@5"), std::string::npos) << table;
  SpreadOptions mixed;
  const std::string message = mkt::test::message_of([&] {
    spread_of({summary(0.30, "f1_10"), summary(0.30)}, mixed);
  });
  EXPECT_EQ(message, mixed.summaries.at(1) +
                         ": expected a JSON result of eval, got one without zsl's f1_10. Evaluate again.");
}

TEST(Spread, RefusesFilesThatAreNoSummaries) {
  SpreadOptions options;
  const std::string message = mkt::test::message_of([&] { spread_of({constant_result(0.3)}, options); });
  EXPECT_EQ(
      message,
      options.summaries.at(0) +
          ": expected a summary of a demo, got one without zero_shot. Write it with prepare demo-summary.");
}

}  // namespace
}  // namespace mkt::demo
