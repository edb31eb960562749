// Tests the path from NUS-WIDE's raw release to a trained and evaluated model, including a crash during the
// import.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "integration/usable.h"
#include "integration/world.h"
#include "support/raw_nus_wide.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string new_data_set() {
  return scratch_folder("nus_wide") + "/NUS-WIDE";
}

Arguments import_command(const RawNusWide& raw, const std::string& out) {
  return {program("prepare"), "nus-wide", "--raw", raw.root(), "--out", out, "--workers", "2"};
}

/// Trains and evaluates; checks the numbers of images and labels in the result.
void expect_usable(const std::string& data) {
  const json result = trained_and_evaluated(data);
  EXPECT_EQ(result["images"], 4);
  EXPECT_EQ(result["zsl"]["classes"].size(), 4U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 8U);
}

std::string replace_all(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

TEST(NusWide, GoesFromClassFoldersToEvaluation) {
  RawNusWide raw;
  raw.write();
  const std::string data = new_data_set();
  const auto imported = run_command(import_command(raw, data));
  ASSERT_EQ(imported.exit_code, 0) << imported.error;
  EXPECT_NE(imported.output.find(data + ": 8 images for training, 4 for test\n"), std::string::npos)
      << imported.output;
  expect_usable(data);
}

TEST(NusWide, GoesFromFlatImagesAndSplitTablesToEvaluation) {
  RawNusWide raw(RawNusWide::Layout::kFlatById, RawNusWide::Tables::kSplit);
  raw.write();
  const std::string data = new_data_set();
  const auto imported = run_command(import_command(raw, data));
  ASSERT_EQ(imported.exit_code, 0) << imported.error;
  expect_usable(data);
}

TEST(NusWide, AKilledRunContinuesToTheSameFiles) {
  RawNusWide raw;
  const RawNusWide::Image image = raw.images().front();
  for (int i = 0; i < 3000; ++i) {
    raw.images().push_back(image);
    raw.images().back().file = fmt::format("0200_{}.jpg", 20000 + i);
    raw.images().back().split = i % 3 == 0 ? 'e' : 't';
  }
  raw.write();
  const std::string whole = new_data_set();
  const auto uninterrupted = run_command(import_command(raw, whole));
  ASSERT_EQ(uninterrupted.exit_code, 0) << uninterrupted.error;

  const std::string data = new_data_set();
  const pid_t child = start_command(import_command(raw, data), scratch_folder("killed"));
  const std::string journal = data + "/pictures.jsonl";
  ASSERT_TRUE(wait_for_text(journal, "0200_20100.jpg", std::chrono::seconds(60)));
  kill(child, SIGKILL);
  ASSERT_TRUE(WIFSIGNALED(wait_for_end(child))) << "it ended before it was killed";
  EXPECT_FALSE(fs::exists(data + "/summary.json"));

  const auto resumed = run_command(import_command(raw, data));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find(" images are known from " + journal), std::string::npos) << resumed.error;
  EXPECT_EQ(replace_all(resumed.output, data, whole), uninterrupted.output);
  EXPECT_TRUE(folder_tree(data) == folder_tree(whole));
}

TEST(NusWide, RefusalsAreOneLine) {
  RawNusWide raw;
  raw.write();
  fs::remove(raw.path("Groundtruth/AllLabels/Labels_train.txt"));
  const std::string data = new_data_set();
  const auto result = run_command(import_command(raw, data));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error, fmt::format("prepare nus-wide: {}:4: expected Labels_train.txt in {}, got none. "
                                      "Unpack Groundtruth.zip there.\n",
                                      raw.path("ConceptsList/Concepts81.txt"), raw.root()));
  EXPECT_FALSE(fs::exists(data));
}

TEST(Check, ExitsWithOneIfAnImageCannotBeRead) {
  const std::string data = copied_nus_wide();
  const std::string json_file = scratch_folder("check") + "/check.json";
  std::ofstream(data + "/Flickr/sea/0001_1001.jpg") << "<html>";
  fs::remove(data + "/Flickr/sea/0004_4.jpg");
  const auto result = run_command({program("prepare"), "check", "--data-path", data, "--json", json_file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.output.find("  missing 1: sea_0004_4.jpg\n"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("  broken 1: sea_0001_1001.jpg\n"), std::string::npos) << result.output;
  EXPECT_EQ(json::parse(file_text(json_file))["sound"], false);
}

}  // namespace
}  // namespace mkt::test
