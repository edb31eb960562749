#include "imports/open_images_classes.h"

#include <c10/util/Exception.h>

#include <unordered_set>

#include "core/text.h"
#include "io/csv.h"
#include "lists/label_list.h"

namespace mkt::imports {
namespace {

constexpr const char* kHeader = "LabelName";  // header line in some releases

bool is_id(const std::string& text) {
  return starts_with(text, "/");
}

}  // namespace

OpenImagesClasses::OpenImagesClasses(const std::string& path) : path_(path) {
  io::CsvReader reader(path);
  for (bool first = true; reader.next(); first = false) {
    const auto& fields = reader.fields();
    TORCH_CHECK(fields.size() == 2, reader.where(), ": expected 2 fields, a class's id and name, got ",
                fields.size(), ". Put a name that contains a comma in quotes.");
    if (first && trim(fields[0]) == kHeader) continue;
    add(trim(fields[0]), trim(fields[1]), reader.where());
  }
  TORCH_CHECK(!names_.empty(), path, ": expected one class per line, got none. Download the file again.");
}

void OpenImagesClasses::add(const std::string& id, const std::string& name, const std::string& where) {
  TORCH_CHECK(is_id(id), where, ": expected a class's id such as /m/01g317, got '", id,
              "'. Give Open Images' class-descriptions.");
  TORCH_CHECK(!name.empty() && name.find_first_of("\r\n") == std::string::npos, where,
              ": expected a name on one line, got '", name, "'. Correct it.");
  const auto label = static_cast<std::int32_t>(names_.size());
  const auto [named, is_new] = named_.emplace(name, label);
  TORCH_CHECK(labels_.emplace(id, named->second).second, where, ": expected each class once, got ", id,
              " again. Remove one of the two.");
  if (is_new) names_.push_back(name);
}

std::int32_t OpenImagesClasses::label_of(const std::string& id, const std::string& where) const {
  const auto found = labels_.find(id);
  TORCH_CHECK(found != labels_.end(), where, ": expected a class of ", path_, ", got '", id,
              "'. Give the class-descriptions of the same release.");
  return found->second;
}

std::vector<std::string> OpenImagesClasses::names_of(const std::vector<std::int32_t>& labels) const {
  std::vector<std::string> names;
  names.reserve(labels.size());
  for (const std::int32_t label : labels) names.push_back(names_[static_cast<std::size_t>(label)]);
  return names;
}

std::vector<std::int32_t> OpenImagesClasses::labels_in(const std::string& path) const {
  std::vector<std::int32_t> labels;
  std::unordered_set<std::int32_t> listed;
  const data::LabelList list = data::read_label_list(path);
  for (std::size_t i = 0; i < list.labels.size(); ++i) {
    const std::string& text = list.labels[i];
    if (text == kHeader && list.lines[i] == 1) continue;
    const auto named = named_.find(text);
    const std::int32_t label =
        is_id(text) || named == named_.end() ? label_of(text, list.where(i)) : named->second;
    if (listed.insert(label).second) labels.push_back(label);
  }
  TORCH_CHECK(!labels.empty(), path, ": expected one class per line, got none. Download the file again.");
  return labels;
}

}  // namespace mkt::imports
