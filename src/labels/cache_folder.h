#pragma once
// A cache folder: its files can be made again, so any of them may be removed.

#include <cstdint>
#include <string>

namespace mkt::labels {

/// $XDG_CACHE_HOME/mkt or ~/.cache/mkt (XDG Base Directory Specification: a relative path counts as none);
/// "" if neither is known.
std::string default_cache_folder();

/// Its files are named <64 hexadecimal digits>.<extension>; other files in the folder are left alone.
class CacheFolder {
 public:
  static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

  /// `path` need not exist. Empty: no cache, nothing is found and nothing kept.
  explicit CacheFolder(std::string path, std::uint64_t most_bytes = kMostBytes);

  bool exists() const { return !path_.empty(); }
  /// The path of the file for `key`, 64 hexadecimal digits.
  std::string file(const std::string& key, const std::string& extension) const;

  /// Creates the folder, readable by its owner only. Throws c10::Error with the system's reason.
  void make() const;
  /// Marks a file as just used; the file may be gone.
  void note_use(const std::string& file) const;
  /// Removes the least recently used files until all together have at most most_bytes (a file counts as at
  /// least 4096 bytes). Other processes may do the same at the same time.
  void trim() const;

 private:
  std::string path_;
  std::uint64_t most_bytes_;
};

/// Identifies one version of a file without reading it. A write changes the change time, which programs
/// cannot set.
struct FileIdentity {
  std::string path;  ///< canonical
  std::int64_t device = 0;
  std::int64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  /// Whether a write from now on would change the identity: the last change is older than the clock's step.
  bool settled() const;
  bool operator==(const FileIdentity& other) const;
};

/// Throws c10::Error naming the file if it does not exist.
FileIdentity identify(const std::string& path);

}  // namespace mkt::labels
