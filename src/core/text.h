#pragma once
// Small string helpers used by error messages and logs.

#include <string>
#include <string_view>
#include <vector>

namespace mkt {

/// `items` with `separator` between them: at most `limit` of them (0: all), then "… and N more".
std::string join(const std::vector<std::string>& items, std::string_view separator, std::size_t limit = 0);

/// Whether `text` begins with `start`.
bool starts_with(std::string_view text, std::string_view start);

/// `text` without the white space at both ends, which includes the CR of Windows line ends.
std::string trim(std::string_view text);
/// The same as a view of `text`.
std::string_view trimmed(std::string_view text);

/// `text` with A to Z in lower case; other characters are unchanged.
std::string lower_case(std::string text);

/// `value` with `digits` decimals.
std::string fixed_text(double value, int digits);

/// A duration for people to read: "41 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

}  // namespace mkt
