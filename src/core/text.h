#pragma once
// Small string helpers used by error messages and logs.

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt {

/// The arguments streamed one after another into a string.
template <typename... Args>
std::string cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

/// `items` with `separator` between them; at most `limit` items (0: all), then "… and N more".
std::string join(const std::vector<std::string>& items, std::string_view separator, std::size_t limit = 0);

/// Whether the first characters of `text` are `start`.
bool starts_with(std::string_view text, std::string_view start);

/// `text` without white space (including CR of Windows line ends) at both ends.
std::string trim(std::string_view text);
/// The same as a part of `text`.
std::string_view trimmed(std::string_view text);

/// A to Z in lower case; other letters stay.
std::string lower_case(std::string text);

/// `value` with `digits` decimals.
std::string fixed_text(double value, int digits);

/// Seconds as a person reads them: "41 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

}  // namespace mkt
