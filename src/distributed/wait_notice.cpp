#include "distributed/wait_notice.h"

#include <fmt/core.h>

#include <utility>

#include "core/log.h"
#include "core/text.h"

namespace mkt::distributed {
namespace {

std::string text_of(std::chrono::steady_clock::duration time) {
  return duration_text(std::chrono::duration<double>(time).count());
}

}  // namespace

WaitNotice::WaitNotice(std::string who, std::chrono::milliseconds time_out, Times times)
    : who_(std::move(who)), time_out_(text_of(time_out)), thread_([this, times] { watch(times); }) {}

WaitNotice::~WaitNotice() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WaitNotice::waits_for(const std::string& what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  what_ = what;
}

std::string WaitNotice::line(std::chrono::steady_clock::duration waited, bool again) const {
  const std::string since = again ? fmt::format(", for {} so far", text_of(waited)) : "";
  return fmt::format("{}: waits for {}{} (time-out {})", who_, what_, since, time_out_);
}

void WaitNotice::watch(Times times) {
  std::unique_lock<std::mutex> lock(mutex_);
  bool again = false;
  for (auto pause = times.first; !changed_.wait_for(lock, pause, [this] { return ended_; });
       pause = times.every) {
    log::warning(line(std::chrono::steady_clock::now() - start_, again));
    again = true;
  }
}

}  // namespace mkt::distributed
