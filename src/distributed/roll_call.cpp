#include "distributed/roll_call.h"

#include <fmt/core.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace mkt::distributed {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWatchInterval{100};
constexpr milliseconds kAnswerInterval{20};
constexpr milliseconds kAnswerTime{1500};  // a running thread answers within kWatchInterval
constexpr milliseconds kFarewellTime{
    1000};                               // rank 0 keeps its store for this long, so that others can read it
constexpr milliseconds kPatience{2500};  // longer than kAnswerTime; then the store counts as lost
constexpr milliseconds kAnnounceTime{1000};
constexpr milliseconds kEndTime{500};

std::string key(const char* kind, int rank) {
  return fmt::format("{}/{}", kind, rank);
}

}  // namespace

struct RollCall::State {
  State(StorePtr connection, const Topology& topology)
      : store(std::move(connection)),
        rank(topology.rank),
        size(topology.size),
        holds_store(topology.rank == 0 && !topology.agent_store) {}

  const StorePtr store;
  const int rank;
  const int size;
  const bool holds_store;

  std::mutex mutex;
  std::condition_variable changed;
  bool ending = false;
  bool asked = false;
  bool announced = false;
  bool finished = false;  // set by the thread as its last action
  std::string reason;
  std::optional<Verdict> verdict;

  void watch();
  bool wait_for_alarm();
  Verdict answer();
  void say_farewell(const Verdict& verdict);
  std::set<int> unanswered(const char* kind, std::set<int> ranks, milliseconds time);
};

void RollCall::State::watch() {
  Verdict found;
  try {
    if (wait_for_alarm()) {
      found = answer();
      {
        const std::lock_guard<std::mutex> lock(mutex);
        verdict = found;
      }
      changed.notify_all();
      say_farewell(found);
    }
  } catch (const std::exception&) {  // the process that hosts the store has ended
    found.store_lost = true;
  }
  const std::lock_guard<std::mutex> lock(mutex);
  if (!verdict) verdict = found;
  finished = true;
  changed.notify_all();
}

/// Waits for an alarm; returns false if this rank ends first.
bool RollCall::State::wait_for_alarm() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    if (!reason.empty() || asked) {
      const std::string own_reason = reason;
      lock.unlock();
      if (!own_reason.empty()) store->set(key("reason", rank), own_reason);
      store->set("alarm", std::to_string(rank));
      lock.lock();
      announced = true;
      changed.notify_all();
      return true;
    }
    if (ending) return false;
    lock.unlock();
    if (store->check({"alarm"})) return true;
    lock.lock();
    changed.wait_for(lock, kWatchInterval, [this] { return ending || asked || !reason.empty(); });
  }
}

RollCall::Verdict RollCall::State::answer() {
  store->set(key("here", rank), "");
  std::set<int> others;
  for (int other = 0; other < size; ++other) others.insert(other);
  const std::set<int> missing = unanswered("here", others, kAnswerTime);
  Verdict found;
  found.missing.assign(missing.begin(), missing.end());
  for (int other = 0; other < size; ++other) {
    if (store->check({key("reason", other)})) found.reasons[other] = store->get_to_str(key("reason", other));
  }
  return found;
}

void RollCall::State::say_farewell(const Verdict& found) {
  store->set(key("done", rank), "");
  if (!holds_store) return;
  std::set<int> present;
  for (int other = 0; other < size; ++other) present.insert(other);
  for (const int other : found.missing) present.erase(other);
  unanswered("done", present, kFarewellTime);
}

/// Returns the members of `ranks` whose key of this kind does not appear within `time`.
std::set<int> RollCall::State::unanswered(const char* kind, std::set<int> ranks, milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (true) {
    for (auto other = ranks.begin(); other != ranks.end();) {
      other = store->check({key(kind, *other)}) ? ranks.erase(other) : std::next(other);
    }
    if (ranks.empty() || std::chrono::steady_clock::now() >= deadline) return ranks;
    std::this_thread::sleep_for(kAnswerInterval);
  }
}

RollCall::RollCall(StorePtr store, const Topology& topology)
    : state_(std::make_shared<State>(std::move(store), topology)) {
  std::thread([state = state_] { state->watch(); }).detach();
}

RollCall::~RollCall() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  const bool answering = state_->announced || state_->verdict;
  const auto patience = answering ? kAnswerTime + kFarewellTime + kEndTime : kEndTime;
  state_->changed.wait_for(lock, patience, [this] { return state_->finished; });
}

RollCall::Verdict RollCall::ask() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->asked = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kPatience, [this] { return state_->verdict.has_value(); });
  Verdict lost;
  lost.store_lost = true;
  return state_->verdict.value_or(lost);
}

void RollCall::announce(const std::string& reason) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (state_->asked || state_->verdict) return;  // another rank's failure came first
  state_->reason = reason;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kAnnounceTime, [this] { return state_->announced || state_->finished; });
}

}  // namespace mkt::distributed
