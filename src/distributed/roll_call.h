#pragma once
// Who is still there? Asked when a collective fails, since c10d's errors seldom name the rank at fault.
//
// Each rank has a thread that watches the store for an alarm. The first rank in trouble raises it; every
// thread then answers, also where its rank is stuck in a collective. A rank that does not answer is dead or
// stopped.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "distributed/process_group.h"

namespace mkt::distributed {

class RollCall {
 public:
  struct Verdict {
    bool store_lost = false;             ///< the store did not answer: nothing else is known
    std::vector<int> missing;            ///< ranks that did not answer
    std::map<int, std::string> reasons;  ///< what ranks that ended said
  };

  /// `store`: a connection of its own.
  RollCall(StorePtr store, const Topology& topology);
  ~RollCall();
  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;

  /// Raises the alarm and gives the ranks' answers, after 3 seconds at most.
  Verdict ask();
  /// Raises the alarm with the reason why this rank ends; returns within a second.
  void announce(const std::string& reason);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread, which outlives this where the store hangs
};

}  // namespace mkt::distributed
