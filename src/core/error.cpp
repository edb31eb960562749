#include "mkt/core/error.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "core/text.h"

namespace mkt {

std::string one_line(const std::exception& error) {
  std::string message = error.what();
  if (const auto* torch_error = dynamic_cast<const c10::Error*>(&error)) {
    message = torch_error->what_without_backtrace();
  }
  std::replace(message.begin(), message.end(), '\n', ' ');
  return trim(message);
}

}  // namespace mkt
