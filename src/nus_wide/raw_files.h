#pragma once
// Finds the files of a release, regardless of the folders into which its archives were unpacked.

#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::nus_wide {

/// Index of the text files in a folder and its subfolders, keyed by name; case is ignored.
class RawFiles {
 public:
  /// Indexes the files in `root` except those in its subfolder `without`. Throws ValueError if `root` is not
  /// a folder.
  RawFiles(std::string root, const std::string& without);

  bool has(const std::string& name) const;
  /// Returns the path of the file with this name. Throws c10::Error if there is none, or if several files
  /// with this name differ.
  const std::string& find(const std::string& name) const;
  /// Returns the file names (in lower case) that begin with `start`, sorted.
  std::vector<std::string> starting(const std::string& start) const;
  /// Makes a path relative to the root.
  std::string relative(const std::string& path) const;
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::unordered_map<std::string, std::vector<std::string>> paths_;
};

}  // namespace mkt::nus_wide
