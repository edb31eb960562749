#pragma once
// Logging to stderr and, after add_file(), also to a file. This header includes neither LibTorch nor spdlog.

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mkt::log {

enum class Level { kInfo, kWarning, kError };

/// Sets the lowest level shown on stderr (default: kInfo); log files receive all levels. Ranks other than 0
/// raise the level, because their lines would repeat rank 0's.
void set_console(Level lowest);

/// Whether lines with this level are shown on stderr.
bool on_console(Level level);

/// Also appends all later log lines, with date and time, to the file `path`. Throws std::runtime_error if the
/// file cannot be opened.
void add_file(const std::string& path);

/// Sets a function that every message passes through: commands add the dashes of options' names. An empty
/// function removes it.
void set_rewriting(std::function<std::string(std::string_view)> rewrite);

/// Logs one line. `message` is not a format string.
void write(Level level, std::string_view message);

/// Logs a warning unless the same line was logged by this function before. Thread-safe.
void warning_once(const std::string& message);

/// Logs a warning that all ranks of a run would repeat: once, and only where the console shows information,
/// which it does on rank 0.
void warning_on_rank_0(const std::string& message);

/// Log one line at the function's level; `message` is not a format string.
inline void info(std::string_view message) {
  write(Level::kInfo, message);
}
inline void warning(std::string_view message) {
  write(Level::kWarning, message);
}
inline void error(std::string_view message) {
  write(Level::kError, message);
}

/// Log one line at the function's level, from an fmt format string and its arguments.
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
