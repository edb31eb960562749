#include "core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include "core/status_line.h"

namespace mkt::log {
namespace {

spdlog::color_mode color_mode() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? spdlog::color_mode::never : spdlog::color_mode::automatic;
}

/// Returns the program's logger. Its first sink is stderr.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color_mode());
    sink->set_pattern("%^%H:%M:%S %l%$ %v");
    auto made = std::make_shared<spdlog::logger>("mkt", sink);
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The function set by set_rewriting().
std::function<std::string(std::string_view)>& rewriting() {
  static std::function<std::string(std::string_view)> function;
  return function;
}

}  // namespace

void set_rewriting(std::function<std::string(std::string_view)> rewrite) {
  rewriting() = std::move(rewrite);
}

void set_console(Level lowest) {
  logger().sinks().front()->set_level(to_spdlog(lowest));
}

bool on_console(Level level) {
  return logger().should_log(to_spdlog(level)) && logger().sinks().front()->should_log(to_spdlog(level));
}

void add_file(const std::string& path) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    logger().sinks().push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error(path + ": the log file cannot be opened: " + error.what());
  }
}

void write(Level level, std::string_view message) {
  if (on_console(level)) status_line::clear();
  logger().log(to_spdlog(level), "{}", rewriting() ? rewriting()(message) : std::string(message));
}

void warning_on_rank_0(const std::string& message) {
  if (on_console(Level::kInfo)) warning_once(message);
}

void warning_once(const std::string& message) {
  static std::mutex mutex;
  static std::set<std::string> logged;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!logged.insert(message).second) return;
  }
  write(Level::kWarning, message);
}

}  // namespace mkt::log
