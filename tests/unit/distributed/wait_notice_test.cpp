#include "distributed/wait_notice.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <sstream>

#include "core/stopwatch.h"
#include "unit/distributed/command.h"

namespace mkt::distributed {
namespace {

using std::chrono::milliseconds;

/// Runs `wait` and returns the lines on stderr without their time of day.
template <typename Wait>
std::vector<std::string> lines_of(const Wait& wait) {
  testing::internal::CaptureStderr();
  wait();
  std::istringstream text(testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line.substr(line.find(' ') + 1));
  return lines;
}

TEST(WaitNotice, SaysAtOnceAndThenRegularlyForWhatItWaits) {
  const auto lines = lines_of([] {
    WaitNotice notice("rank 1 of 2", std::chrono::minutes(10), {milliseconds(30), milliseconds(1200)});
    notice.waits_for("rank 0 to connect");
    std::this_thread::sleep_for(milliseconds(600));
    notice.waits_for("ranks 0, 3 to connect");
    std::this_thread::sleep_for(milliseconds(1000));
  });
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          "warning rank 1 of 2: waits for rank 0 to connect (time-out 10 min 00 s)",
          "warning rank 1 of 2: waits for ranks 0, 3 to connect, for 1 s so far (time-out 10 min 00 s)"}));
}

TEST(WaitNotice, SaysNothingOfAShortWaitAndEndsWithoutDelay) {
  const Stopwatch watch;
  EXPECT_EQ(lines_of([] { const WaitNotice notice("rank 0 of 2", std::chrono::minutes(10)); }),
            std::vector<std::string>{});
  EXPECT_LT(watch.seconds(), 0.9);
}

int free_port() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(socket_fd, any, size), 0);
  EXPECT_EQ(getsockname(socket_fd, any, &size), 0);
  close(socket_fd);
  return ntohs(address.sin_port);
}

/// Variables of a rank of two that was started by hand.
std::vector<std::string> variables(int rank, int port) {
  return {fmt::format("RANK={}", rank), "WORLD_SIZE=2",          "LOCAL_RANK=0",
          "LOCAL_WORLD_SIZE=1",         "MASTER_ADDR=127.0.0.1", fmt::format("MASTER_PORT={}", port)};
}

/// Starts rank `first` alone, expects its line, then starts the other rank.
void expect_line(int first, const std::string& line) {
  const int port = free_port();
  test::Command early({MKT_TEST_RANK, "collectives", "2"}, variables(first, port));
  const std::string expected = fmt::format("warning rank {} of 2: {}:{} (time-out 30 s)", first, line, port);
  EXPECT_TRUE(test::wait_until([&] { return test::contains(early.stderr_text(), expected); }, 20))
      << expected << early.stderr_text();
  test::Command late({MKT_TEST_RANK, "collectives", "2"}, variables(1 - first, port));
  EXPECT_EQ(late.wait(60), 0) << late.stderr_text();
  EXPECT_EQ(early.wait(60), 0) << early.stderr_text();
}

TEST(World, NamesTheRanksThatItWaitsFor) {
  expect_line(0, "waits for rank 1 to connect to 127.0.0.1");
}

TEST(World, SaysThatItWaitsForTheStore) {
  expect_line(1, "waits for rank 0 to open the store at 127.0.0.1");
}

}  // namespace
}  // namespace mkt::distributed
