#include "session/session.h"

#include <gtest/gtest.h>

#include <csignal>

#include "core/stop.h"
#include "support/message.h"

namespace mkt::session {
namespace {

Session alone() {
  return {distributed::Communicator(), Runtime()};
}

TEST(Session, StartsAsTheOnlyRankWithoutALauncher) {
  const Session session = start_session({"cpu", Precision::kBf16, 0}, {});
  EXPECT_TRUE(session.is_main());
  EXPECT_EQ(session.ranks.size(), 1);
  EXPECT_TRUE(session.runtime.device.is_cpu());
  EXPECT_EQ(session.runtime.precision, Precision::kBf16);
}

TEST(Session, LaunchesNoRanksUnlessAsked) {
  EXPECT_FALSE(launch_ranks({}).has_value());
}

TEST(Session, RefusesSeveralNodesWithoutRanksPerNode) {
  RankOptions options;
  options.nnodes = 2;
  const std::string message = test::message_of([&] { launch_ranks(options); });
  EXPECT_NE(message.find("nnodes: expected"), std::string::npos) << message;
}

TEST(Session, OneRankAlwaysAgreesWithItself) {
  Session session = alone();
  EXPECT_NO_THROW(check_ranks_agree({}, session));
  EXPECT_NO_THROW(check_ranks_agree({{"lr", 0.1}, {"name", "a\xff"}}, session));
}

TEST(Session, NamesTheRankAndTheValueThatDiffer) {
  const nlohmann::ordered_json first = {{"seed", 42}, {"lr", 0.1}};
  EXPECT_NO_THROW(check_values_agree({first, first, first}));
  EXPECT_EQ(test::message_of([&] {
              check_values_agree({first, first, {{"seed", 42}, {"lr", 0.2}}});
            }),
            "ranks: rank 0 runs with lr = 0.1, rank 2 with 0.2. Start all ranks with the same command and "
            "data.");
  const std::string missing = test::message_of([&] { check_values_agree({first, {{"seed", 42}}}); });
  EXPECT_NE(missing.find("lr = 0.1, rank 1 with null"), std::string::npos) << missing;
}

TEST(Session, PassesResultsAndFailuresOn) {
  Session session = alone();
  EXPECT_EQ(with_announced_failure(session, [] { return std::string("done"); }), "done");
  const auto failure = [&] {
    with_announced_failure(session, []() -> std::string { throw std::runtime_error("disk full"); });
  };
  EXPECT_EQ(test::message_of(failure), "disk full");
}

TEST(Session, AgreesOnTheSignalThatAsksToStop) {
  Session session = alone();
  if (stop_signal() == 0) {  // with --gtest_repeat, the previous repetition's signal is still recorded
    EXPECT_EQ(agreed_stop(session), 0);
    EXPECT_NO_THROW(stop_if_asked(session));
  }
  note_stop_signals();
  std::raise(SIGUSR1);
  EXPECT_EQ(agreed_stop(session), SIGTERM);
  std::raise(SIGINT);
  EXPECT_EQ(agreed_stop(session), SIGINT);
  try {
    stop_if_asked(session);
    FAIL() << "no exception";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.exit_code(), 130);
  }
}

}  // namespace
}  // namespace mkt::session
