#include "demo/comparison.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>

#include "demo/summary.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

/// A folder with results of eval and their table.
class Study {
 public:
  explicit Study(const std::string& name) : folder_(mkt::test::scratch_folder(name)) {}

  void add(const std::string& row, const std::string& base, int seed, double map,
           const std::string& f1 = "f1_3", int images = 10) {
    ordered_json json;
    for (const char* setting : {"zsl", "gzsl"})
      json[setting] = {{"map", map}, {"precision_3", 0.5}, {f1, map / 2}};
    json["images"] = images;
    const std::string file = fmt::format("{}/{}.json", folder_, ++files_);
    std::ofstream(file) << json.dump();
    add_line(fmt::format("{}\t{}\t{}\t{}", row, base, seed, file));
  }
  void add_line(const std::string& line) { std::ofstream(options().cells, std::ios::app) << line << "\n"; }

  ComparisonOptions options() const { return {folder_ + "/cells.tsv", folder_ + "/table.json"}; }
  std::string refusal() const {
    const std::string message = mkt::test::message_of([&] { compare(options()); });
    const auto at = message.find(folder_);
    return at == std::string::npos ? message : message.substr(at + folder_.size());
  }

 private:
  std::string folder_;
  int files_ = 0;
};

TEST(Comparison, HasMeansAndPairedDifferences) {
  Study study("comparison");
  study.add("new", "old", 2, 0.33);
  study.add("old", "-", 1, 0.20);
  study.add("new", "old", 1, 0.21);
  study.add("old", "-", 2, 0.30);
  const std::string table = compare(study.options());
  EXPECT_NE(table.find("mean ± deviation over 2 seeds"), std::string::npos) << table;
  EXPECT_NE(table.find("27.0 ± 8.5"), std::string::npos) << table;
  EXPECT_NE(table.find("25.0 ± 7.1"), std::string::npos) << table;
  EXPECT_NE(table.find("new - old"), std::string::npos) << table;
  EXPECT_NE(table.find("+2.0 ± 1.4 (12.7) "), std::string::npos) << table;  // 12.706 · 1.414 / √2
  EXPECT_EQ(table.find("precision"), std::string::npos) << table;
  const auto json = read_json(study.options().json);
  EXPECT_EQ(json["seeds"].get<std::vector<std::string>>(), (std::vector<std::string>{"1", "2"}));
  EXPECT_NEAR(json["rows"]["old"]["gzsl"]["f1_3"]["mean"].get<double>(), 12.5, 1e-9);
  EXPECT_NEAR(json["differences"]["new"]["zsl"]["map"]["mean"].get<double>(), 2, 1e-9);
  EXPECT_NEAR(json["differences"]["new"]["zsl"]["map"]["half_width"].get<double>(), 12.7062, 1e-3);
  const auto each = json["differences"]["new"]["zsl"]["map"]["each"].get<std::vector<double>>();
  EXPECT_NEAR(each.at(0), 1, 1e-9);
  EXPECT_NEAR(each.at(1), 3, 1e-9);
}

TEST(Comparison, MarksDifferencesWhoseIntervalLeavesOutZero) {
  Study study("marks");
  for (int seed = 1; seed <= 3; ++seed) {
    study.add("old", "-", seed, 0.1 * seed);
    study.add("new", "old", seed, 0.1 * seed + 0.05 + 0.001 * seed);
    study.add("other", "old", seed, 0.1 * seed + (seed == 2 ? -0.02 : 0.01));
  }
  const std::string table = compare(study.options());
  EXPECT_NE(table.find("+5.2 ± 0.1 (0.2)*"), std::string::npos) << table;
  EXPECT_NE(table.find("0.0 ± 1.7 (4.3) "), std::string::npos) << table;
}

TEST(Comparison, OneSeedHasNoInterval) {
  Study study("single");
  study.add("old", "-", 7, 0.2);
  study.add("new", "old", 7, 0.25);
  EXPECT_NE(compare(study.options()).find("+5.0 ± 0.0       "), std::string::npos);
  EXPECT_TRUE(read_json(study.options().json)["differences"]["new"]["zsl"]["map"]["half_width"].is_null());
}

TEST(Comparison, RefusesUnpairedRows) {
  Study study("unpaired");
  study.add("old", "-", 1, 0.2);
  study.add("old", "-", 2, 0.2);
  study.add("new", "old", 1, 0.2);
  EXPECT_EQ(study.refusal(),
            "/cells.tsv: expected the same seeds in all rows, got 1 for 'new' and 1, 2 for 'old'. Finish the "
            "study.");
  study.add("new", "old", 1, 0.2);
  EXPECT_EQ(
      study.refusal(),
      "/cells.tsv:4: expected each seed of a row once, got 'new', seed 1 again. Remove one of the lines.");
}

TEST(Comparison, RefusesBasesThatAreNoOtherRow) {
  for (const char* base : {"lost", "new"}) {
    Study study(std::string("base_") + base);
    study.add("new", base, 1, 0.2);
    EXPECT_EQ(study.refusal(), fmt::format("/cells.tsv: expected another row as the base of 'new', got '{}'. "
                                           "Name a row of the table.",
                                           base));
  }
  Study two("bases");
  two.add("old", "-", 1, 0.2);
  two.add("new", "old", 1, 0.2);
  two.add("new", "-", 2, 0.2);
  EXPECT_EQ(two.refusal(),
            "/cells.tsv:3: expected one base per row, got '-' after 'old' for 'new'. Correct the line.");
}

TEST(Comparison, RefusesOtherMetricsAndOtherImages) {
  Study metrics("metrics");
  metrics.add("old", "-", 1, 0.2);
  metrics.add("new", "old", 1, 0.2, "f1_10");
  EXPECT_EQ(metrics.refusal(),
            "/2.json: expected a JSON result of eval, got one without zsl's f1_3. Evaluate again.");
  Study images("images");
  images.add("old", "-", 1, 0.2);
  images.add("new", "old", 1, 0.2, "f1_3", 11);
  EXPECT_EQ(images.refusal(),
            "/2.json: expected 10 images as in 'old', got 11. Evaluate both on the same images.");
}

TEST(Comparison, RefusesDamagedTables) {
  Study study("damaged");
  study.add_line("# nothing yet");
  EXPECT_EQ(
      study.refusal(),
      "/cells.tsv:1: expected row, base, seed and file, separated by tabs, got '# nothing yet'. Write the "
      "table again.");
  Study empty("empty");
  std::ofstream(empty.options().cells) << "\n";
  EXPECT_EQ(empty.refusal(), "/cells.tsv: expected at least one result, got none. Run the study again.");
  Study lost("lost");
  lost.add_line("old\t-\t1\t/nowhere.json");
  EXPECT_NE(lost.refusal().find("/nowhere.json"), std::string::npos);
}

}  // namespace
}  // namespace mkt::demo
