#pragma once
// String functions for error messages and logs.

#include <string>
#include <string_view>
#include <vector>

namespace mkt {

/// Joins `items` with `separator`: at most the first `limit` items (0: all), then "… and N more".
std::string join(const std::vector<std::string>& items, std::string_view separator, std::size_t limit = 0);

/// Whether `text` begins with `start`.
bool starts_with(std::string_view text, std::string_view start);

/// Returns `text` without leading and trailing white space, including the CR in Windows line ends.
std::string trim(std::string_view text);
/// Like trim(), but returns a view into `text`.
std::string_view trimmed(std::string_view text);

/// Converts A to Z to lower case; other characters are unchanged.
std::string lower_case(std::string text);

/// Formats `value` with `digits` decimal places.
std::string fixed_text(double value, int digits);

/// Formats a duration for display: "41 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

}  // namespace mkt
