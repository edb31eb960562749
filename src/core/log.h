#pragma once
// The log: lines on stderr, and in a run's own file once one is set. Includes neither LibTorch nor spdlog.

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

namespace mkt::log {

enum class Level { kInfo, kWarning, kError };

/// Lowest level shown on stderr; files keep every line. Default: kInfo. Ranks other than 0 raise it, because
/// they would repeat rank 0's lines.
void set_console(Level lowest);

/// Whether a line of this level is shown on stderr.
bool on_console(Level level);

/// Appends every later line to the file `path` too, with its date. Throws std::runtime_error if the file
/// cannot be opened.
void add_file(const std::string& path);

/// One line; `message` is not a format.
void write(Level level, std::string_view message);

inline void info(std::string_view message) {
  write(Level::kInfo, message);
}
inline void warning(std::string_view message) {
  write(Level::kWarning, message);
}
inline void error(std::string_view message) {
  write(Level::kError, message);
}

/// The same with fmt's format and its arguments.
template <typename First, typename... Rest>
void info(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::kInfo, fmt::format(format, std::forward<First>(first), std::forward<Rest>(rest)...));
}
template <typename First, typename... Rest>
void warning(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::kWarning, fmt::format(format, std::forward<First>(first), std::forward<Rest>(rest)...));
}
template <typename First, typename... Rest>
void error(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::kError, fmt::format(format, std::forward<First>(first), std::forward<Rest>(rest)...));
}

}  // namespace mkt::log
