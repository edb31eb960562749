#include "train/run_folder.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "io/numbered_lines.h"
#include "support/command.h"
#include "support/events.h"
#include "support/message.h"

namespace mkt::train {
namespace {

constexpr std::int64_t kEpochSteps = 2;

nlohmann::ordered_json step_record(int step) {
  return {{"kind", "step"}, {"epoch", 0}, {"step", step}, {"lr", 0.5}};
}

/// Makes a folder in which a run has recorded its first step.
std::string folder_of_a_run(const std::string& resolved = "seed = 42\n") {
  const std::string path = test::scratch_folder("run") + "/a";
  RunFolder folder(path, false);
  folder.begin(resolved, 0, kEpochSteps);
  folder.record(step_record(0));
  return path;
}

TEST(RunFolder, RefusesASecondRunAtTheSameTime) {
  const std::string path = test::scratch_folder("run") + "/a";
  const RunFolder first(path, false);
  const std::string message = test::message_of([&] { RunFolder(path, true); });
  EXPECT_NE(message.find("another run is writing to " + path), std::string::npos) << message;
}

TEST(RunFolder, KeepsAnEarlierRunUnlessItIsContinued) {
  const std::string path = folder_of_a_run();
  const std::string message = test::message_of([&] { RunFolder(path, false); });
  EXPECT_NE(message.find("holds an earlier run"), std::string::npos) << message;
  RunFolder again(path, true);
  again.begin("seed = 42\n", again.metrics_bytes(), kEpochSteps);
  again.record(step_record(1));
  EXPECT_EQ(io::read_lines(path + "/metrics.jsonl").size(), 2U);
}

TEST(RunFolder, ChangesNothingBeforeItBegins) {
  const std::string path = folder_of_a_run("seed = 42\n");
  { const RunFolder refused_later(path, true); }
  EXPECT_EQ(test::file_text(path + "/resolved.toml"), "seed = 42\n");
  EXPECT_EQ(test::file_text(path + "/metrics.jsonl"), step_record(0).dump() + "\n");
  const std::string fresh = test::scratch_folder("run") + "/b";
  { const RunFolder refused_later(fresh, false); }
  EXPECT_FALSE(RunFolder(fresh, false).holds_run());
}

TEST(RunFolder, RemovesRecordsMadeAfterAState) {
  const std::string path = folder_of_a_run();
  RunFolder folder(path, true);
  const std::int64_t bytes = folder.metrics_bytes();
  folder.begin("", bytes, kEpochSteps);
  folder.record(step_record(1));
  EXPECT_GT(folder.metrics_bytes(), bytes);
  folder.begin("", bytes, kEpochSteps);
  folder.record(step_record(2));
  EXPECT_EQ(test::file_text(folder.file("metrics.jsonl")),
            step_record(0).dump() + "\n" + step_record(2).dump() + "\n");
}

TEST(RunFolder, WritesItsRecordsForTensorBoardFromTheStepWhereItContinues) {
  const std::string path = folder_of_a_run();
  RunFolder folder(path, true);
  folder.begin("", folder.metrics_bytes(), kEpochSteps);
  folder.record(step_record(1));
  folder.record({{"kind", "epoch"}, {"epoch", 0}, {"memory_mib", 8}});
  folder.begin("", folder.metrics_bytes(), kEpochSteps);
  const std::string version = "version brain.Event:2";
  const std::string first = "0 step/lr=0.500000";
  const std::string second = "1 step/lr=0.500000";
  const std::string epoch = "1 epoch/memory_mib=8.000000";
  EXPECT_EQ(test::events_in(path + "/tensorboard"),
            (std::vector<std::string>{version, "start 0", first,                 // first event file
                                      version, "start 0", first, second, epoch,  // second: repeats a step
                                      version, "start 1", second, epoch}));
}

TEST(RunFolder, ReportsWhyItCannotBeMade) {
  const std::string message = test::message_of([] { RunFolder("/proc/nowhere", false); });
  EXPECT_NE(message.find("output: /proc/nowhere cannot be made"), std::string::npos) << message;
}

}  // namespace
}  // namespace mkt::train
