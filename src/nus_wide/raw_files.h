#pragma once
// Where the files of a release lie, however its archives were unpacked.

#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::nus_wide {

/// The text files under a folder by name; upper and lower case are one.
class RawFiles {
 public:
  /// Lists `root`, but not the folder `without` in it. Throws ValueError naming --raw where that is no
  /// folder.
  RawFiles(std::string root, const std::string& without);

  bool has(const std::string& name) const;
  /// The file of this name. Throws c10::Error naming --raw where there is none, or several that differ.
  const std::string& find(const std::string& name) const;
  /// The names (lower case) that begin with `start`, in order.
  std::vector<std::string> starting(const std::string& start) const;
  /// A path without the root.
  std::string relative(const std::string& path) const;
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::unordered_map<std::string, std::vector<std::string>> paths_;
};

}  // namespace mkt::nus_wide
