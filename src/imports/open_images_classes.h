#pragma once
// Open Images' classes: ids, such as /m/01g317, and their names.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::imports {

/// The classes listed in class-descriptions.csv, with or without a header line. A class is its id; several
/// classes may have the same name. Classes are numbered in file order.
class OpenImagesClasses {
 public:
  /// Reads the file. Throws c10::Error naming file and line if the number of fields is not 2, an id is
  /// invalid or duplicated, or a name is missing.
  explicit OpenImagesClasses(const std::string& path);

  /// Returns the number of the class `id`. Throws c10::Error naming `where` if the id is unknown.
  std::int32_t number_of(const std::string& id, const std::string& where) const;

  /// Reads a file with one id or name per line and returns the classes' numbers in file order; skips a first
  /// line "LabelName". A class that is listed again counts once, with a warning. Throws c10::Error naming
  /// file and line if an id or name is unknown, or if several classes have the name.
  std::vector<std::int32_t> listed_in(const std::string& path) const;

  std::size_t size() const { return ids_.size(); }
  const std::string& id(std::int32_t number) const { return ids_[static_cast<std::size_t>(number)]; }
  const std::string& name(std::int32_t number) const { return names_[static_cast<std::size_t>(number)]; }
  std::vector<std::string> ids(const std::vector<std::int32_t>& numbers) const;
  std::vector<std::string> names(const std::vector<std::int32_t>& numbers) const;

 private:
  void add(const std::string& id, const std::string& name, const std::string& where);
  /// Returns the number of the class that a line lists by id or name.
  std::int32_t find(const std::string& text, const std::string& where) const;

  std::string path_;
  std::vector<std::string> ids_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> numbers_;             // id → number
  std::unordered_map<std::string, std::vector<std::int32_t>> named_;  // name → numbers
};

}  // namespace mkt::imports
