#include "core/status_line.h"

#include <atomic>
#include <cstdio>

namespace mkt::status_line {
namespace {

constexpr const char* kStartAgain = "\r\033[K";
std::atomic<bool> shown{false};

}  // namespace

void show(const std::string& text) {
  shown = true;
  std::fputs((kStartAgain + text).c_str(), stderr);
  std::fflush(stderr);
}

void clear() {
  if (!shown.exchange(false)) return;
  std::fputs(kStartAgain, stderr);
  std::fflush(stderr);
}

}  // namespace mkt::status_line
