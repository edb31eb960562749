#pragma once
// A cache folder of limited size. Its files can be recreated, so any of them may be removed at any time.

#include <cstdint>
#include <string>

namespace mkt::labels {

/// $XDG_CACHE_HOME/mkt, or ~/.cache/mkt; "" if neither variable (XDG_CACHE_HOME, HOME) is an absolute path.
/// Source: XDG Base Directory Specification.
std::string default_cache_folder();

/// Manages files named <64 hexadecimal digits>.<extension>; other files in the folder are never touched.
class CacheFolder {
 public:
  /// Default limit: 256 MiB.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

  /// `path` need not exist; an empty path disables the cache. `most_bytes`: maximum total size of the files.
  explicit CacheFolder(std::string path, std::uint64_t most_bytes = kMostBytes);

  /// Whether the cache is enabled; its folder may not have been created yet.
  bool exists() const { return !path_.empty(); }
  /// Path of the file for `key`, 64 hexadecimal digits.
  std::string file(const std::string& key, const std::string& extension) const;

  /// Creates the folder if it does not exist, readable by its owner only. Throws c10::Error with the system's
  /// error message if that fails.
  void make() const;
  /// Marks a file as the most recently used. Does nothing if the file no longer exists.
  void note_use(const std::string& file) const;
  /// Removes the least recently used files until the total size is at most most_bytes; each file counts as at
  /// least 4096 bytes. Other processes may trim the folder at the same time.
  void trim() const;

 private:
  std::string path_;
  std::uint64_t most_bytes_;
};

/// Identifies one version of a file without reading it: every write changes changed_ns, which programs cannot
/// set.
struct FileIdentity {
  std::string path;  ///< canonical path
  std::int64_t device = 0;
  std::int64_t inode = 0;
  std::int64_t size = 0;         ///< bytes
  std::int64_t modified_ns = 0;  ///< modification time, nanoseconds since 1970
  std::int64_t changed_ns = 0;   ///< time of the last change of content or metadata

  /// Whether any later write would change the identity: true once the time since the last change exceeds the
  /// resolution of the file system's clock.
  bool settled() const;
  bool operator==(const FileIdentity& other) const;
};

/// Reads the identity of the file at `path`. Throws c10::Error naming the file if it does not exist.
FileIdentity identify(const std::string& path);

}  // namespace mkt::labels
