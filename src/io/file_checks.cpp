#include "io/file_checks.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace mkt::io {

namespace fs = std::filesystem;

void require_file(const std::string& name, const std::string& path) {
  if (path.empty()) return;
  std::error_code none;
  TORCH_CHECK(fs::is_regular_file(path, none), name, ": expected a file, got '", path,
              fs::exists(path, none) ? "', which is not a file" : "', which does not exist",
              ". Check the path.");
}

void require_writable(const std::string& name, const std::string& path) {
  if (path.empty()) return;
  std::error_code none;
  TORCH_CHECK(!fs::is_directory(path, none), name, ": expected a file to write, got '", path,
              "', which is a folder. Name a file.");
  const auto check = [&](bool done) {
    TORCH_CHECK(done, name, ": ", path, " cannot be written: ", std::strerror(errno),
                ". Name a file in a folder that exists and can be written.");
  };
  if (fs::is_other(path, none)) return check(access(path.c_str(), W_OK) == 0);
  // Files are written next to their target (write_atomically), so the test file is created there, after
  // symbolic links are resolved.
  const std::string place = fs::exists(path, none) ? fs::canonical(path, none).string() : path;
  const std::string beside = fmt::format("{}.try-{}", place, getpid());
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  check(file >= 0);
  close(file);
  unlink(beside.c_str());
}

void require_writable_folder(const std::string& name, const std::string& path) {
  if (path.empty()) return;
  std::error_code none;
  std::error_code problem;
  const bool existed = fs::exists(path, none);
  fs::create_directories(path, problem);
  TORCH_CHECK(fs::is_directory(path, none), name, ": expected a folder to write to, got '", path, "', which ",
              existed ? "is not a folder" : "cannot be created: " + problem.message(), ". Name another.");
  const std::string inside = fmt::format("{}/.try-{}", path, getpid());
  const int file = open(inside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  TORCH_CHECK(file >= 0, name, ": files cannot be created in ", path, ": ", std::strerror(errno),
              ". Name another folder.");
  close(file);
  unlink(inside.c_str());
}

}  // namespace mkt::io
