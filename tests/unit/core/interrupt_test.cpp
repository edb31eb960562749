#include "core/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace mkt {
namespace {

TEST(InterruptDeathTest, EndsWithTheShellsExitCodeAndOneLine) {
  const auto raised = [](int signal) {
    end_on_signals("eval");
    raise(signal);
  };
  EXPECT_EXIT(raised(SIGTERM), testing::ExitedWithCode(143), "^eval: stopped by signal 15\n$");
  EXPECT_EXIT(raised(SIGINT), testing::ExitedWithCode(130), "^eval: stopped by signal 2\n$");
}

TEST(InterruptDeathTest, WaitsForTheOuterDelay) {
  const auto raised = [] {
    end_on_signals("eval");
    const InterruptDelay outer;
    {
      const InterruptDelay inner;
      raise(SIGTERM);
    }
    std::fputs("written; ", stderr);
  };
  EXPECT_EXIT(raised(), testing::ExitedWithCode(143), "^written; eval: stopped by signal 15\n$");
}

TEST(InterruptDeathTest, DiesOfABrokenPipeEvenIfTheParentIgnoredIt) {
  const auto raised = [] {
    std::signal(SIGPIPE, SIG_IGN);
    end_on_signals("infer");
    raise(SIGPIPE);
  };
  EXPECT_EXIT(raised(), testing::KilledBySignal(SIGPIPE), "^$");
}

}  // namespace
}  // namespace mkt
