#include "imports/open_images_classes.h"

#include <c10/util/Exception.h>

#include <unordered_set>

#include "core/log.h"
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
  TORCH_CHECK(!ids_.empty(), path, ": expected one class per line, got none. Download the file again.");
}

void OpenImagesClasses::add(const std::string& id, const std::string& name, const std::string& where) {
  TORCH_CHECK(is_id(id), where, ": expected a class's id such as /m/01g317, got '", id,
              "'. Give Open Images' class-descriptions.");
  TORCH_CHECK(!name.empty() && name.find_first_of("\r\n") == std::string::npos, where,
              ": expected a name on one line, got '", name, "'. Correct it.");
  const auto number = static_cast<std::int32_t>(ids_.size());
  TORCH_CHECK(numbers_.emplace(id, number).second, where, ": expected each class once, got ", id,
              " again. Remove one of the two.");
  named_[name].push_back(number);
  ids_.push_back(id);
  names_.push_back(name);
}

std::int32_t OpenImagesClasses::number_of(const std::string& id, const std::string& where) const {
  const auto found = numbers_.find(id);
  TORCH_CHECK(found != numbers_.end(), where, ": expected a class of ", path_, ", got '", id,
              "'. Give the class-descriptions of the same release.");
  return found->second;
}

std::vector<std::string> OpenImagesClasses::ids(const std::vector<std::int32_t>& numbers) const {
  std::vector<std::string> ids;
  ids.reserve(numbers.size());
  for (const std::int32_t number : numbers) ids.push_back(id(number));
  return ids;
}

std::vector<std::string> OpenImagesClasses::names(const std::vector<std::int32_t>& numbers) const {
  std::vector<std::string> names;
  names.reserve(numbers.size());
  for (const std::int32_t number : numbers) names.push_back(name(number));
  return names;
}

std::int32_t OpenImagesClasses::find(const std::string& text, const std::string& where) const {
  const auto named = named_.find(text);
  if (is_id(text) || named == named_.end()) return number_of(text, where);
  TORCH_CHECK(named->second.size() == 1, where, ": expected an id or the name of one class, got '", text,
              "', the name of ", join(ids(named->second), " and "), ". Write the id.");
  return named->second.front();
}

std::vector<std::int32_t> OpenImagesClasses::listed_in(const std::string& path) const {
  std::vector<std::int32_t> numbers;
  std::unordered_set<std::int32_t> listed;
  std::vector<std::string> again;
  const data::LabelList list = data::read_label_list(path);
  for (std::size_t i = 0; i < list.labels.size(); ++i) {
    const std::string& text = list.labels[i];
    if (text == kHeader && list.lines[i] == 1) continue;
    const std::int32_t number = find(text, list.where(i));
    if (listed.insert(number).second) {
      numbers.push_back(number);
    } else {
      again.push_back(text);
    }
  }
  TORCH_CHECK(!numbers.empty(), path, ": expected one class per line, got none. Download the file again.");
  if (!again.empty())
    log::warning("{}: {} classes are listed again and count once: {}", path, again.size(),
                 join(again, ", ", /*limit=*/3));
  return numbers;
}

}  // namespace mkt::imports
