#pragma once
// The log: lines on stderr, and in a run's own file where one is set. No LibTorch here, and no spdlog for
// those who include this.

#include <string>
#include <string_view>

namespace mkt::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// Least level of a line that counts at all. Default: kInfo.
void set_level(Level level);

/// Least level shown on stderr; files keep everything. Default: whatever counts. For ranks that would repeat
/// what rank 0 says.
void set_console(Level least);

/// Whether a line of this level is shown on stderr.
bool on_console(Level level);

/// From now on every line also goes to the end of `path` with its date. Throws std::runtime_error where the
/// file cannot be opened.
void add_file(const std::string& path);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace mkt::log
