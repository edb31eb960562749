// Tests that TensorBoard can read a run's event files.

#include <gtest/gtest.h>

#include <filesystem>

#include "integration/world.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kStepsPerEpoch = 2;  // in a tiny_stage1 run

struct TensorBoard : testing::Test {
  void SetUp() override {
    if (run_command({MKT_TEST_PYTHON, "-c", "import tensorboard"}).exit_code != 0) {
      GTEST_SKIP() << "no tensorboard in Python '" << MKT_TEST_PYTHON
                   << "'; scripts/setup.sh --tests gets it";
    }
  }

  /// Reads the scalars with TensorBoard: {tag: [[step, value], …]}.
  static json scalars(const std::string& run) {
    const auto result = run_command({MKT_TEST_PYTHON, MKT_TEST_LIST_SCALARS, run + "/tensorboard"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return json::parse(result.output);
  }

  /// Returns [[step in the run, value], …] for one field in the metrics records of one kind.
  static json expected(const std::string& run, const std::string& kind, const std::string& field) {
    json points = json::array();
    for (const json& record : records(run, kind)) {
      const int step = record["epoch"].get<int>() * kStepsPerEpoch + record.value("step", kStepsPerEpoch - 1);
      points.push_back({step, record.at(json::json_pointer("/" + field)).get<float>()});
    }
    return points;
  }

  /// Expects that TensorBoard reads exactly the values in metrics.jsonl.
  static void expect_equal_scalars(const std::string& run) {
    const std::map<std::string, std::vector<std::string>> fields = {
        {"step", {"rank_loss", "dist_loss", "lr", "gradient_norm", "images"}},
        {"epoch",
         {"rank_loss", "dist_loss", "lr", "images", "images_per_second", "waited_seconds", "saved_seconds",
          "memory_mib"}},
        {"eval",
         {"images", "zsl/map", "zsl/map_with_positives", "zsl/labels_without_positives",
          "gzsl/map_with_positives", "gzsl/labels_without_positives", "zsl/f1_3", "zsl/precision_3",
          "zsl/recall_3", "zsl/f1_5", "zsl/precision_5", "zsl/recall_5", "gzsl/map", "gzsl/f1_3",
          "gzsl/precision_3", "gzsl/recall_3", "gzsl/f1_5", "gzsl/precision_5", "gzsl/recall_5"}}};
    json all = json::object();
    for (const auto& [kind, names] : fields) {
      for (const std::string& name : names) all[kind + "/" + name] = expected(run, kind, name);
    }
    EXPECT_EQ(scalars(run), all);
  }
};

TEST_F(TensorBoard, ReadsTheNumbersOfTheMetrics) {
  const std::string run = scratch_folder("tensorboard") + "/run";
  const auto result = run_command(tiny_stage1(run));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  expect_equal_scalars(run);
  EXPECT_EQ(expected(run, "step", "lr").size(), 4U);
  EXPECT_GT(records(run, "epoch")[1]["memory_mib"].get<double>(), 1);
}

TEST_F(TensorBoard, ReadsRepeatedStepsFromTheResumedProcess) {
  const std::string run = scratch_folder("tensorboard") + "/run";
  ASSERT_EQ(run_command(tiny_stage1(run)).exit_code, 0);
  fs::remove_all(files_in(run + "/state").back());
  const auto resumed = run_command(tiny_stage1(run) + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  ASSERT_NE(resumed.error.find("resumed from"), std::string::npos) << resumed.error;
  EXPECT_EQ(files_in(run + "/tensorboard").size(), 2U);
  expect_equal_scalars(run);
}

}  // namespace
}  // namespace mkt::test
