#pragma once
// What a refusal says.

#include <functional>
#include <string>

#include "mkt/core/error.h"

namespace mkt::io {

/// The one-line message that `call` throws, or "" where it throws nothing.
inline std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return one_line(error);
  }
  return "";
}

}  // namespace mkt::io
