#pragma once
// Exception messages in tests.

#include <functional>
#include <string>

#include "mkt/core/error.h"

namespace mkt::test {

/// Runs `action`; returns the message of its exception on one line, or "" if it throws nothing.
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return one_line(error);
  }
  return "";
}

}  // namespace mkt::test
