#include "demo/spread.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "demo/summary.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::demo {
namespace {

TEST(Spread, ComputesMeanAndSampleDeviation) {
  const auto all = mean_and_deviation({1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(all.mean, 2.5);
  EXPECT_NEAR(all.deviation, 1.2909944487, 1e-9);
  EXPECT_EQ(mean_and_deviation({5}).deviation, 0);
  EXPECT_EQ(mkt::test::message_of([] { mean_and_deviation({}); }),
            "mean: expected at least one value, got none.");
}

TEST(Spread, CombinesSummaries) {
  const std::string folder = mkt::test::scratch_folder("spread");
  SpreadOptions options;
  for (const double stage1 : {0.30, 0.34}) {
    nlohmann::ordered_json summary;
    for (const Row& row : summary_rows()) {
      for (const Column& column : summary_columns()) {
        const bool first = std::string(row.key) == "stage1";
        summary[row.key][column.setting][column.key] = first ? stage1 : 0.2;
      }
    }
    options.summaries.push_back(fmt::format("{}/{}.json", folder, stage1));
    std::ofstream(options.summaries.back()) << summary.dump();
  }
  options.json = folder + "/spread.json";
  const std::string table = spread(options);
  EXPECT_NE(table.find("32.0 ± 2.8"), std::string::npos) << table;
  EXPECT_NE(table.find("points of ZSL mAP: 12.0 ± 2.8 over 2 runs: 10.0 14.0"), std::string::npos) << table;
  const auto json = read_json(options.json);
  EXPECT_EQ(json["runs"], 2);
  EXPECT_NEAR(json["stage1"]["gzsl"]["f1_5"]["mean"].get<double>(), 32, 1e-9);
  EXPECT_NEAR(json["gain"]["mean"].get<double>(), 12, 1e-9);
}

}  // namespace
}  // namespace mkt::demo
