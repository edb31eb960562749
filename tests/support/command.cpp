#include "support/command.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace mkt::test {
namespace {

void redirect(int descriptor, const std::string& path, int flags) {
  const int file = open(path.c_str(), flags, 0644);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

/// Paths of the scratch folders. The destructor removes them when the test program exits.
struct Folders {
  ~Folders() {
    std::error_code ignored;
    for (const std::string& path : paths) std::filesystem::remove_all(path, ignored);
  }
  std::vector<std::string> paths;
};

pid_t start(const std::vector<std::string>& command, const std::string& folder, const std::string& input) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  // All commands of a test program share one scratch cache, so the user's cache is never used.
  static const std::string cache = scratch_folder("cache");
  const pid_t child = fork();
  TORCH_CHECK(child >= 0, "fork failed");
  if (child > 0) return child;
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  redirect(STDIN_FILENO, input, O_RDONLY);
  redirect(STDOUT_FILENO, folder + "/stdout", O_WRONLY | O_CREAT | O_TRUNC);
  redirect(STDERR_FILENO, folder + "/stderr", O_WRONLY | O_CREAT | O_TRUNC);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::string program(const std::string& name) {
  return std::string(MKT_BINARY_DIR) + "/bin/" + name;
}

CommandResult run_command(const std::vector<std::string>& command, const std::string& input) {
  const std::string folder = scratch_folder("command");
  std::ofstream(folder + "/stdin", std::ios::binary) << input;
  const pid_t child = start(command, folder, folder + "/stdin");
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, file_text(folder + "/stdout"), file_text(folder + "/stderr")};
}

pid_t start_command(const std::vector<std::string>& command, const std::string& folder) {
  return start(command, folder, "/dev/null");
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool wait_for_text(const std::string& path, const std::string& text, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (file_text(path).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

std::string scratch_folder(const std::string& name) {
  static Folders folders;
  std::string pattern = (std::filesystem::temp_directory_path() / ("mkt-" + name + "-XXXXXX")).string();
  TORCH_CHECK(mkdtemp(pattern.data()) != nullptr, pattern, ": cannot be created");
  folders.paths.push_back(pattern);
  return pattern;
}

}  // namespace mkt::test
