#include "core/status_line.h"

#include <atomic>
#include <cstdio>

namespace mkt::status_line {
namespace {

constexpr const char* kClearLine = "\r\033[K";
std::atomic<bool> shown{false};

}  // namespace

void show(const std::string& text) {
  shown = true;
  std::fputs((kClearLine + text).c_str(), stderr);
  std::fflush(stderr);
}

void clear() {
  if (!shown.exchange(false)) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
}

}  // namespace mkt::status_line
