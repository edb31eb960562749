#include "data/manifest.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "core/parallel.h"
#include "io/json.h"
#include "io/numbered_lines.h"

namespace mkt::data {
namespace {

using nlohmann::json;

class RecordReader {
 public:
  explicit RecordReader(const ManifestSet& set) : set_(set) {
    for (const std::string& label : label_keys(set))
      numbers_.emplace(label, static_cast<std::int32_t>(numbers_.size()));
    named_.resize(numbers_.size());
  }

  ManifestRecord read(const io::NumberedLines& lines) {
    const json object = parse(lines);
    for (const auto& [key, value] : object.items()) {
      TORCH_CHECK(key == "image" || key == "present" || key == "absent", lines.where(),
                  ": expected the keys image, present and absent, got '", key, "'. Remove it.");
    }
    ManifestRecord record;
    record.line = lines.number();
    const json& image = value(object, "image", lines);
    TORCH_CHECK(image.is_string() && !image.get_ref<const std::string&>().empty(), lines.where(),
                ": image: expected an image's path, got ", shown(image), ". Correct the line.");
    record.image = image.get<std::string>();
    record.present = numbers(value(object, "present", lines), "present", lines);
    if (object.contains("absent")) record.absent = numbers(object["absent"], "absent", lines);
    return record;
  }

 private:
  static std::string shown(const json& value) { return io::json_text(value); }

  static json parse(const io::NumberedLines& lines) {
    try {
      io::KeyWatch keys;
      json object = json::parse(lines.text(), std::ref(keys));
      TORCH_CHECK(keys.repeated().empty(), lines.where(), ": expected each key once, got '", keys.repeated(),
                  "' again. Remove one of the two.");
      TORCH_CHECK(object.is_object(), lines.where(), ": expected a JSON object, got ", shown(object),
                  ". Correct the line.");
      return object;
    } catch (const json::parse_error& error) {
      TORCH_CHECK(false, lines.where(), ": expected a JSON object, got invalid JSON at character ",
                  error.byte, ". Correct the line.");
    }
  }

  static const json& value(const json& object, const char* key, const io::NumberedLines& lines) {
    const auto found = object.find(key);
    TORCH_CHECK(found != object.end(), lines.where(), ": expected the key ", key,
                ", which is missing. Add it.");
    return *found;
  }

  std::vector<std::int32_t> numbers(const json& labels, const char* key, const io::NumberedLines& lines) {
    const auto is_text = [](const json& label) { return label.is_string(); };
    TORCH_CHECK(labels.is_array() && std::all_of(labels.begin(), labels.end(), is_text), lines.where(), ": ",
                key, ": expected a list of labels, got ", shown(labels), ". Correct the line.");
    std::vector<std::int32_t> result;
    for (const json& label : labels) {
      const auto& name = label.get_ref<const std::string&>();
      const auto found = numbers_.find(name);
      const bool by_id = !set_.seen_ids.empty();
      TORCH_CHECK(found != numbers_.end(), lines.where(), ": expected ", by_id ? "ids of labels" : "labels",
                  " of ", set_.path, ", got '", name, "'. Correct the ", by_id ? "id" : "label",
                  ", or add it to the list there.");
      std::int64_t& line = named_[static_cast<std::size_t>(found->second)];
      TORCH_CHECK(line != lines.number(), lines.where(), ": expected each label once, got '", name,
                  "' again in ", key, ". Remove one of the two.");
      line = lines.number();
      result.push_back(found->second);
    }
    return result;
  }

  const ManifestSet& set_;
  std::unordered_map<std::string, std::int32_t> numbers_;
  std::vector<std::int64_t> named_;  // last line that lists each label
};

}  // namespace

void each_manifest_record(const ManifestSet& set, const std::string& file, std::int64_t limit,
                          const std::function<void(ManifestRecord)>& take) {
  RecordReader reader(set);
  io::NumberedLines lines(file);
  std::int64_t count = 0;
  for (; (limit <= 0 || count < limit) && lines.next(); ++count) take(reader.read(lines));
  TORCH_CHECK(count > 0, file, ": expected one image per line, got none. Add images.");
}

std::vector<std::string> find_manifest_images(const ManifestSet& set, const std::string& file,
                                              const std::vector<std::string>& images,
                                              const std::vector<std::int64_t>& lines, int workers,
                                              bool look) {
  std::vector<std::string> paths(images.size());
  std::vector<char> missing(images.size());
  parallel_for(static_cast<std::int64_t>(images.size()), workers, [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    paths[at] = (std::filesystem::path(set.images) / images[at]).string();
    std::error_code none;
    missing[at] = static_cast<char>(look && !std::filesystem::is_regular_file(paths[at], none));
  });
  const auto first = std::find(missing.begin(), missing.end(), 1);
  if (first == missing.end()) return paths;
  const auto at = static_cast<std::size_t>(first - missing.begin());
  const auto others = std::count(missing.begin(), missing.end(), 1) - 1;
  TORCH_CHECK(false, file, ":", lines[at], ": expected an image, got ", paths[at], ", which does not exist",
              others > 0 ? fmt::format(" ({} other images are missing, too)", others) : "",
              ". Correct the line, or the key images in ", set.path, ".");
}

}  // namespace mkt::data
