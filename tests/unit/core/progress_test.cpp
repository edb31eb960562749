#include "core/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "core/log.h"

namespace mkt {
namespace {

/// Opens a pseudo-terminal; -1 if the system has none, as in a chroot without /dev/pts.
int open_terminal() {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  return terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0 ? terminal : -1;
}

/// Runs `action` with `terminal` as stderr; returns its output and closes the terminal.
std::string on_a_terminal(int terminal, const std::function<void()>& action) {
  const int inside = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  const int before = dup(STDERR_FILENO);
  dup2(inside, STDERR_FILENO);
  action();
  dup2(before, STDERR_FILENO);
  std::string sent;
  pollfd output{terminal, POLLIN, 0};
  while (poll(&output, 1, 300) == 1) {  // the kernel delivers terminal output with a delay
    char bytes[4096];
    const ssize_t count = read(terminal, bytes, sizeof(bytes));
    if (count <= 0) break;
    sent.append(bytes, static_cast<std::size_t>(count));
  }
  for (const int descriptor : {terminal, inside, before}) close(descriptor);
  return sent;
}

void show_once(Progress& progress) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  progress.update(3, "loss 0.9");
}

TEST(Progress, IsClearedForLogLines) {
  const int terminal = open_terminal();
  if (terminal < 0) GTEST_SKIP() << "no pseudo-terminals: /dev/pts is not mounted";
  const std::string sent = on_a_terminal(terminal, [] {
    Progress progress("epoch 0", 10, "steps");
    show_once(progress);
    log::info("checkpoint");
    show_once(progress);
  });
  const auto line = sent.find("epoch 0: 3/10 steps");
  const auto log_line = sent.find("checkpoint");
  ASSERT_NE(line, std::string::npos) << sent;
  ASSERT_NE(log_line, std::string::npos) << sent;
  const auto cleared = sent.find("loss 0.9\r\033[K");
  EXPECT_LT(line, cleared) << sent;
  EXPECT_LT(cleared, log_line) << sent;
  EXPECT_EQ(sent.substr(sent.size() - 4), "\r\033[K") << sent;
}

TEST(Progress, ShowsNoLiveLineIfStderrIsNotATerminal) {
  testing::internal::CaptureStderr();
  {
    Progress progress("epoch 0", 10, "steps");
    show_once(progress);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // progress is logged every 15 seconds only
}

TEST(RateText, HasAboutThreeDigits) {
  EXPECT_EQ(rate_text(0.2871), "0.29");
  EXPECT_EQ(rate_text(14.24), "14.2");
  EXPECT_EQ(rate_text(1123.4), "1123");
}

}  // namespace
}  // namespace mkt
