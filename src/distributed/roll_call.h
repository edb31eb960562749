#pragma once
// Finds the ranks that have died after a collective has failed, since c10d's errors seldom name them.
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

/// The watching thread of this rank.
class RollCall {
 public:
  /// The result of a roll call.
  struct Verdict {
    bool store_lost = false;             ///< Whether the store did not answer. Then nothing else is known.
    std::vector<int> missing;            ///< ranks that did not answer
    std::map<int, std::string> reasons;  ///< reasons that ranks have announced for their end
  };

  /// `store` is a connection that nothing else uses.
  RollCall(StorePtr store, const Topology& topology);
  ~RollCall();
  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;

  /// Raises the alarm and returns the result after at most 3 seconds.
  Verdict ask();
  /// Raises the alarm with the reason why this rank ends. Returns within a second.
  void announce(const std::string& reason);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread, which outlives this object if the store hangs
};

}  // namespace mkt::distributed
