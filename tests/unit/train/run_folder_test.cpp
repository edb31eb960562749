#include "mkt/train/run_folder.h"

#include <gtest/gtest.h>

#include "mkt/core/text.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::train {
namespace {

/// A folder in which a run has recorded {"step":1}.
std::string folder_of_a_run(const std::string& resolved = "seed = 42\n") {
  const std::string path = test::scratch_folder("run") + "/a";
  RunFolder folder(path, false);
  folder.begin(resolved, 0);
  folder.record({{"step", 1}});
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
  again.begin("seed = 42\n", again.metrics_bytes());
  again.record({{"step", 2}});
  EXPECT_EQ(read_lines(path + "/metrics.jsonl").size(), 2U);
}

TEST(RunFolder, ChangesNothingBeforeItBegins) {
  const std::string path = folder_of_a_run("seed = 42\n");
  { const RunFolder refused_later(path, true); }
  EXPECT_EQ(test::file_text(path + "/resolved.toml"), "seed = 42\n");
  EXPECT_EQ(test::file_text(path + "/metrics.jsonl"), "{\"step\":1}\n");
  const std::string fresh = test::scratch_folder("run") + "/b";
  { const RunFolder refused_later(fresh, false); }
  EXPECT_FALSE(RunFolder(fresh, false).holds_run());
}

TEST(RunFolder, TakesBackRecordsBehindAState) {
  const std::string path = folder_of_a_run();
  RunFolder folder(path, true);
  const std::int64_t bytes = folder.metrics_bytes();
  folder.begin("", bytes);
  folder.record({{"step", 2}});
  EXPECT_GT(folder.metrics_bytes(), bytes);
  folder.begin("", bytes);
  folder.record({{"step", 3}});
  EXPECT_EQ(test::file_text(folder.file("metrics.jsonl")), "{\"step\":1}\n{\"step\":3}\n");
}

TEST(RunFolder, SaysWhyItCannotBeMade) {
  const std::string message = test::message_of([] { RunFolder("/proc/nowhere", false); });
  EXPECT_NE(message.find("--output: /proc/nowhere cannot be made"), std::string::npos) << message;
}

}  // namespace
}  // namespace mkt::train
