#include "labels/cache_folder.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace mkt::labels {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyDigits = 64;
constexpr std::uint64_t kLeastBytes = 4096;  // one block: the minimum disk space of a file

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Whether `name` is the name of a cache file.
bool is_ours(const std::string& name) {
  return name.size() > kKeyDigits && name[kKeyDigits] == '.' &&
         name.find_first_not_of("0123456789abcdef") == kKeyDigits;
}

/// A cache file with its time of last use and its size.
struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
};

std::vector<Entry> entries_of(const std::string& folder) {
  std::vector<Entry> entries;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
    std::error_code gone;  // set if another process has removed the file
    if (!is_ours(at->path().filename().string()) || !at->is_regular_file(gone)) continue;
    const auto bytes = at->file_size(gone);
    const auto used = at->last_write_time(gone);
    if (!gone) entries.push_back({at->path(), used, std::max<std::uint64_t>(bytes, kLeastBytes)});
  }
  return entries;
}

}  // namespace

std::string default_cache_folder() {
  const auto absolute = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? value : "";
  };
  const std::string cache = absolute("XDG_CACHE_HOME");
  if (!cache.empty()) return cache + "/mkt";
  const std::string home = absolute("HOME");
  return home.empty() ? "" : home + "/.cache/mkt";
}

CacheFolder::CacheFolder(std::string path, std::uint64_t most_bytes)
    : path_(std::move(path)), most_bytes_(most_bytes) {}

std::string CacheFolder::file(const std::string& key, const std::string& extension) const {
  return path_ + "/" + key + "." + extension;
}

void CacheFolder::make() const {
  std::error_code problem;
  const fs::path parent = fs::path(path_).parent_path();
  if (!parent.empty()) fs::create_directories(parent, problem);
  const bool made = ::mkdir(path_.c_str(), 0700) == 0 || errno == EEXIST;
  TORCH_CHECK(made, path_, ": the cache folder cannot be created: ", std::strerror(errno),
              ". Name another folder, or switch the cache off.");
}

void CacheFolder::note_use(const std::string& file) const {
  ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

void CacheFolder::trim() const {
  std::vector<Entry> entries = entries_of(path_);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  for (const Entry& entry : entries) {
    if (bytes <= most_bytes_) return;
    std::error_code gone;
    fs::remove(entry.path, gone);
    bytes -= entry.bytes;
  }
}

bool FileIdentity::settled() const {
  constexpr std::int64_t kClockStep = 2'000'000'000;  // clock resolution of FAT, the coarsest
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::max(changed_ns, modified_ns) < nanoseconds(now) - kClockStep;
}

bool FileIdentity::operator==(const FileIdentity& other) const {
  const auto all = [](const FileIdentity& one) {
    return std::tie(one.path, one.device, one.inode, one.size, one.modified_ns, one.changed_ns);
  };
  return all(*this) == all(other);
}

FileIdentity identify(const std::string& path) {
  struct stat status {};
  TORCH_CHECK(stat(path.c_str(), &status) == 0, path, ": cannot be read: ", std::strerror(errno),
              ". Check that the file exists and is readable.");
  std::error_code none;
  return {fs::canonical(path, none).string(),
          static_cast<std::int64_t>(status.st_dev),
          static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size),
          nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

}  // namespace mkt::labels
