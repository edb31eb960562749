#pragma once
// Maps Open Images' class ids, such as /m/01g317, to the names used as labels.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::imports {

/// The classes listed in class-descriptions.csv, with or without a header line. Classes with the same name
/// become one label, because a model that reads names cannot distinguish them.
class OpenImagesClasses {
 public:
  /// Reads the file. Throws c10::Error naming file and line if the number of fields is not 2, an id is
  /// invalid or duplicated, or a name is missing.
  explicit OpenImagesClasses(const std::string& path);

  /// Returns the label for a class id as an index into names(). Throws c10::Error naming `where` if the id is
  /// unknown.
  std::int32_t label_of(const std::string& id, const std::string& where) const;

  /// Reads a file with one id or name per line and returns the labels in file order; skips a first line
  /// "LabelName". Throws c10::Error naming file and line if an id or name is unknown.
  std::vector<std::int32_t> labels_in(const std::string& path) const;

  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> names_of(const std::vector<std::int32_t>& labels) const;

 private:
  void add(const std::string& id, const std::string& name, const std::string& where);

  std::string path_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> labels_;  // class id → label index
  std::unordered_map<std::string, std::int32_t> named_;   // name → label index
};

}  // namespace mkt::imports
