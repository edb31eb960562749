#include "mkt/train/files.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "mkt/core/text.h"

namespace mkt::train {

namespace fs = std::filesystem;

void require_file(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  TORCH_CHECK(fs::is_regular_file(path), "--", flag, ": expected a file, got '", path,
              fs::exists(path) ? "', which is none" : "', which does not exist", ". Check the path.");
}

void require_writable(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  TORCH_CHECK(!fs::exists(path) || fs::is_regular_file(path), "--", flag, ": expected a file to write, got '",
              path, "', which is ", fs::is_directory(path) ? "a folder" : "no file", ". Name a file.");
  const std::string beside = cat(path, ".try-", getpid());  // files are written beside their place, too
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  TORCH_CHECK(file >= 0, "--", flag, ": ", path, " cannot be written: ", std::strerror(errno),
              ". Name a file in a folder that exists and can be written.");
  close(file);
  unlink(beside.c_str());
}

}  // namespace mkt::train
