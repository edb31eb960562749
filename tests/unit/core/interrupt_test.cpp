#include "core/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "core/signal_queue.h"
#include "core/stop.h"

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

TEST(InterruptDeathTest, EndsOnAHangUpAsOnSigtermButNotUnderNohup) {
  const auto raised = [] {
    std::signal(SIGHUP, SIG_DFL);
    end_on_signals("eval");
    raise(SIGHUP);
  };
  EXPECT_EXIT(raised(), testing::ExitedWithCode(143), "^eval: stopped by signal 1\n$");
  const auto ignored = [] {
    std::signal(SIGHUP, SIG_IGN);
    end_on_signals("eval");
    raise(SIGHUP);
    raise(SIGTERM);
  };
  EXPECT_EXIT(ignored(), testing::ExitedWithCode(143), "^eval: stopped by signal 15\n$");
}

TEST(StopDeathTest, RecordsAHangUpExceptUnderNohup) {
  const auto exit_with_recorded = [](void (*before)(int)) {
    std::signal(SIGHUP, before);
    note_stop_signals();
    raise(SIGHUP);
    std::_Exit(stop_signal());
  };
  EXPECT_EXIT(exit_with_recorded(SIG_DFL), testing::ExitedWithCode(SIGHUP), "^$");
  EXPECT_EXIT(exit_with_recorded(SIG_IGN), testing::ExitedWithCode(0), "^$");
  EXPECT_EQ(Stopped(SIGHUP).exit_code(), 143);
}

TEST(SignalQueue, QueuesAHangUpExceptUnderNohup) {
  void (*before)(int) = std::signal(SIGHUP, SIG_IGN);
  {
    const SignalQueue queue;
    raise(SIGHUP);
    EXPECT_EQ(queue.next(), 0);
  }
  std::signal(SIGHUP, SIG_DFL);
  {
    const SignalQueue queue;
    raise(SIGHUP);
    EXPECT_EQ(queue.next(), SIGHUP);
  }
  std::signal(SIGHUP, before);
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
