#pragma once
// Says on stderr that this rank waits for others.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace mkt::distributed {

/// Thread that logs a warning while this rank waits: "rank 1 of 2: waits for rank 0 at 10.0.0.1:29500
/// (time-out 10 min 00 s)", and again with the time waited. Nothing is logged if the wait ends before
/// `first`.
class WaitNotice {
 public:
  struct Times {
    std::chrono::milliseconds first = std::chrono::seconds(1);   ///< time until the first line
    std::chrono::milliseconds every = std::chrono::seconds(30);  ///< time between lines
  };

  /// `who`: start of each line; `time_out` is only named.
  WaitNotice(std::string who, std::chrono::milliseconds time_out, Times times);
  WaitNotice(std::string who, std::chrono::milliseconds time_out)
      : WaitNotice(std::move(who), time_out, Times()) {}
  ~WaitNotice();
  WaitNotice(const WaitNotice&) = delete;
  WaitNotice& operator=(const WaitNotice&) = delete;

  /// Sets what this rank waits for from now on.
  void waits_for(const std::string& what);

 private:
  void watch(Times times);
  std::string line(std::chrono::steady_clock::duration waited, bool again) const;

  const std::string who_;
  const std::string time_out_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_ = "other ranks";
  bool ended_ = false;
  std::thread thread_;  // started last
};

}  // namespace mkt::distributed
