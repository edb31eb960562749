#pragma once
// A folder of files that can be made anew, so that any of them may be lost.

#include <cstdint>
#include <string>

namespace mkt::labels {

/// $XDG_CACHE_HOME/mkt or ~/.cache/mkt (XDG Base Directory Specification: a relative path counts as none);
/// "" where neither is known.
std::string default_cache_folder();

/// Files in it are named <64 hexadecimal digits>.<extension>; what else the folder holds is left alone.
class CacheFolder {
 public:
  static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

  /// `path` need not exist. Empty: there is no cache, nothing is found and nothing kept.
  explicit CacheFolder(std::string path, std::uint64_t most_bytes = kMostBytes);

  bool exists() const { return !path_.empty(); }
  /// Where the file for `key`, 64 hexadecimal digits, is or would be.
  std::string file(const std::string& key, const std::string& extension) const;

  /// Makes the folder, readable for its owner alone. Throws c10::Error with the system's reason.
  void make() const;
  /// Notes that a file was used just now. It need not exist any more.
  void note_use(const std::string& file) const;
  /// Removes files, the longest unused first, until all together have at most most_bytes (a file counts as
  /// 4096 bytes at least). Other processes may do the same meanwhile.
  void trim() const;

 private:
  std::string path_;
  std::uint64_t most_bytes_;
};

/// What tells a file from its successors, without reading it. A write changes the time of the change, which
/// programs cannot set.
struct FileIdentity {
  std::string path;  ///< canonical
  std::int64_t device = 0;
  std::int64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  /// Whether a write from now on would show: the last change is far enough back for the clock's step.
  bool settled() const;
  bool operator==(const FileIdentity& other) const;
};

/// Throws c10::Error naming the file where there is none.
FileIdentity identify(const std::string& path);

}  // namespace mkt::labels
