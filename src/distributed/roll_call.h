#pragma once
// Finds dead ranks after a collective has failed, because c10d's errors seldom name them.
//
// Each rank has a thread that watches the store for an alarm. The first rank with an error raises it. Every
// thread then answers, even if its rank is blocked in a collective. A rank that does not answer is dead or
// stopped.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "distributed/process_group.h"

namespace mkt::distributed {

/// Thread on this rank that watches the store for an alarm.
class RollCall {
 public:
  /// Result of a roll call.
  struct Verdict {
    bool store_lost = false;   ///< Whether the store did not answer; the other fields are then empty.
    std::vector<int> missing;  ///< ranks that did not answer
    std::map<int, std::string> reasons;  ///< failure reasons that ranks have announced
  };

  /// `store` must be a connection that no other code uses.
  RollCall(StorePtr store, const Topology& topology);
  ~RollCall();
  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;

  /// Raises the alarm and returns the result after at most 3 seconds.
  Verdict ask();
  /// Raises the alarm with the reason for this rank's failure. Returns within one second.
  void announce(const std::string& reason);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread, which outlives this object if the store hangs
};

}  // namespace mkt::distributed
