#pragma once
// Open Images' classes: ids such as /m/01g317 and the names used as labels.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::imports {

/// The classes of class-descriptions.csv, with or without a line of column names. Classes with the same name
/// are one label, because a model that reads names cannot distinguish them.
class OpenImagesClasses {
 public:
  /// Throws c10::Error naming file and line: another number of fields, an invalid or duplicate id, a missing
  /// name.
  explicit OpenImagesClasses(const std::string& path);

  /// The label of a class: its index into names(). Throws c10::Error naming `where` for an unknown id.
  std::int32_t label_of(const std::string& id, const std::string& where) const;

  /// The labels of a file with one id or name per line, in its order; skips a first line "LabelName". Throws
  /// c10::Error naming file and line of an unknown id or name.
  std::vector<std::int32_t> labels_in(const std::string& path) const;

  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> names_of(const std::vector<std::int32_t>& labels) const;

 private:
  void add(const std::string& id, const std::string& name, const std::string& where);

  std::string path_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> labels_;  // by id
  std::unordered_map<std::string, std::int32_t> named_;   // by name
};

}  // namespace mkt::imports
