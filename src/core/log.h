#pragma once
// The log: lines on stderr and, once one is added, in a file. Includes neither LibTorch nor spdlog.

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

namespace mkt::log {

enum class Level { kInfo, kWarning, kError };

/// Sets the lowest level shown on stderr (default: kInfo); files receive every line. Ranks other than 0 raise
/// it, because they would repeat the lines of rank 0.
void set_console(Level lowest);

/// Whether lines of this level are shown on stderr.
bool on_console(Level level);

/// Also appends every later line, with its date, to the file `path`. Throws std::runtime_error if the file
/// cannot be opened.
void add_file(const std::string& path);

/// Logs one line. `message` is not a format string.
void write(Level level, std::string_view message);

/// Each logs one line at its level; here `message` is not a format string.
inline void info(std::string_view message) {
  write(Level::kInfo, message);
}
inline void warning(std::string_view message) {
  write(Level::kWarning, message);
}
inline void error(std::string_view message) {
  write(Level::kError, message);
}

/// The same with a format string of fmt and its arguments.
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
