#pragma once
// Messages of exceptions.

#include <functional>
#include <string>

#include "mkt/core/error.h"

namespace mkt::test {

/// The one-line message of the exception that `action` throws, or "".
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return one_line(error);
  }
  return "";
}

}  // namespace mkt::test
