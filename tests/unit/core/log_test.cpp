#include "core/log.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/command.h"

namespace mkt {
namespace {

std::string shown(const std::function<void()>& action) {
  testing::internal::CaptureStderr();
  action();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, ShowsOnlyItsLevelOnTheConsoleAndWritesEverythingToFiles) {
  const std::string path = mkt::test::scratch_folder("log") + "/run.log";
  log::add_file(path);
  log::set_console(log::Level::kError);
  const std::string quiet = shown([] {
    log::info("step 1");
    log::warning("slow disk");
    log::error("disk full");
  });
  log::set_console(log::Level::kInfo);
  const std::string loud = shown([] { log::info("step 2"); });

  EXPECT_EQ(quiet.find("step 1"), std::string::npos) << quiet;
  EXPECT_EQ(quiet.find("slow disk"), std::string::npos) << quiet;
  EXPECT_NE(quiet.find("disk full"), std::string::npos) << quiet;
  EXPECT_NE(loud.find("step 2"), std::string::npos) << loud;
  const std::string kept = mkt::test::file_text(path);
  for (const char* line : {"info step 1", "warning slow disk", "error disk full", "info step 2"}) {
    EXPECT_NE(kept.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace mkt
