#include "mkt/train/run_folder.h"

#include <gtest/gtest.h>

#include "mkt/core/text.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::train {
namespace {

TEST(RunFolder, RefusesASecondRunAtTheSameTime) {
  const std::string path = test::scratch_folder("run") + "/a";
  const RunFolder first(path, "seed = 42\n", false);
  const std::string message = test::message_of([&] { RunFolder(path, "", true); });
  EXPECT_NE(message.find("another run is writing to " + path), std::string::npos) << message;
}

TEST(RunFolder, KeepsAnEarlierRunUnlessItIsContinued) {
  const std::string path = test::scratch_folder("run") + "/a";
  { RunFolder(path, "seed = 42\n", false).record({{"step", 1}}); }
  const std::string message = test::message_of([&] { RunFolder(path, "", false); });
  EXPECT_NE(message.find("holds an earlier run"), std::string::npos) << message;
  EXPECT_EQ(test::file_text(path + "/resolved.toml"), "seed = 42\n");
  RunFolder(path, "seed = 42\n", true).record({{"step", 2}});
  EXPECT_EQ(read_lines(path + "/metrics.jsonl").size(), 2U);
}

TEST(RunFolder, TakesBackRecordsBehindAState) {
  RunFolder folder(test::scratch_folder("run") + "/a", "", false);
  folder.record({{"step", 1}});
  const std::int64_t bytes = folder.metrics_bytes();
  folder.record({{"step", 2}});
  folder.truncate_metrics(bytes);
  folder.record({{"step", 3}});
  EXPECT_EQ(test::file_text(folder.file("metrics.jsonl")), "{\"step\":1}\n{\"step\":3}\n");
}

TEST(RunFolder, SaysWhyItCannotBeMade) {
  const std::string message = test::message_of([] { RunFolder("/proc/nowhere", "", false); });
  EXPECT_NE(message.find("--output: /proc/nowhere cannot be made"), std::string::npos) << message;
}

}  // namespace
}  // namespace mkt::train
