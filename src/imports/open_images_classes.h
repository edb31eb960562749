#pragma once
// Open Images' classes: ids such as /m/01g317, and the names that labels are known by.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::imports {

/// class-descriptions.csv, with or without a first line of column names. Classes of one name are one label,
/// as a model that reads names cannot tell them apart.
class OpenImagesClasses {
 public:
  /// Throws c10::Error naming file and line: another number of fields, what is no id, an id twice, no name.
  explicit OpenImagesClasses(const std::string& path);

  /// A class's label: its place in names(). Throws c10::Error naming `where` for an id that is not described.
  std::int32_t label_of(const std::string& id, const std::string& where) const;

  /// The labels of a file of ids or names, one a line, in its order; a first line "LabelName" is passed over.
  /// Throws c10::Error naming file and line of what is not described.
  std::vector<std::int32_t> labels_in(const std::string& path) const;

  const std::vector<std::string>& names() const { return names_; }
  std::int64_t classes() const { return static_cast<std::int64_t>(labels_.size()); }

 private:
  void add(const std::string& id, const std::string& name, const std::string& where);

  std::string path_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> labels_;  // by id
  std::unordered_map<std::string, std::int32_t> named_;   // by name
};

}  // namespace mkt::imports
