#pragma once
// Finds the files of a release, wherever its archives were unpacked.

#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::nus_wide {

/// The text files of a folder and its subfolders by name; case is ignored.
class RawFiles {
 public:
  /// Lists `root` except its subfolder `without`. Throws ValueError if `root` is not a folder.
  RawFiles(std::string root, const std::string& without);

  bool has(const std::string& name) const;
  /// The file of this name. Throws c10::Error if there is none, or if there are several with different
  /// content.
  const std::string& find(const std::string& name) const;
  /// The names (in lower case) that begin with `start`, sorted.
  std::vector<std::string> starting(const std::string& start) const;
  /// A path relative to the root.
  std::string relative(const std::string& path) const;
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::unordered_map<std::string, std::vector<std::string>> paths_;
};

}  // namespace mkt::nus_wide
