#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/text.h"
#include "data/manifest.h"
#include "io/text_stream.h"
#include "lists/label_list.h"

namespace mkt::data {
namespace {

constexpr std::string_view kEnding = ".toml";
constexpr std::array<const char*, 10> kKeys = {"train",     "test",     "images",  "seen", "unseen",
                                               "label_emb", "unlisted", "classes", "sets", "origin"};

toml::table parse(const std::string& path) {
  TORCH_CHECK(std::filesystem::is_regular_file(path), "data-path: expected a manifest's TOML file, got ",
              std::filesystem::exists(path) ? "something else" : "nothing", " at ", path,
              ". Check the path.");
  io::TextStream file(path);
  try {
    return toml::parse(io::rest_of(file), path);
  } catch (const toml::parse_error& error) {
    TORCH_CHECK(false, path, ":", error.source().begin.line,
                ": expected TOML, got a syntax error: ", error.description(), ". Correct the line.");
  }
}

class Reader {
 public:
  explicit Reader(const std::string& path)
      : path_(path), folder_(std::filesystem::path(path).parent_path()), table_(parse(path)) {
    for (const auto& [key, node] : table_) {
      const bool known = std::find(kKeys.begin(), kKeys.end(), key.str()) != kKeys.end();
      TORCH_CHECK(known, where(node), ": expected one of ",
                  join(std::vector<std::string>(kKeys.begin(), kKeys.end()), ", "), ", got '", key.str(),
                  "'. Correct the key.");
    }
  }

  ManifestSet read() {
    ManifestSet set;
    set.path = path_;
    set.train = file("train");
    set.test = file("test");
    set.images = file("images");
    DistinctLabels labels;
    set.seen = list("seen", labels);
    set.unseen = list("unseen", labels);
    set.label_emb = table_.contains("label_emb")
                        ? file("label_emb")
                        : path_.substr(0, path_.size() - kEnding.size()) + ".label_emb.pt";
    if (table_.contains("unlisted")) set.unlisted = choice<Unlisted>("unlisted");
    if (table_.contains("classes")) set.classes = choice<Classes>("classes");
    if (table_.contains("sets")) set.sets = sets(set);
    if (table_.contains("origin")) set.origin = choice<Origin>("origin");
    return set;
  }

 private:
  std::string where(const toml::node& node) const {
    return fmt::format("{}:{}", path_, node.source().begin.line);
  }

  template <typename Enum>
  Enum choice(const char* key) const {
    const std::string name = text(key);
    const std::optional<Enum> value = enum_value<Enum>(name);
    TORCH_CHECK(value, where(*table_.get(key)), ": ", key, ": expected \"",
                join(enum_names<Enum>(), "\" or \""), "\", got \"", name, "\". Correct it.");
    return *value;
  }

  const toml::node& node(const char* key) const {
    const toml::node* found = table_.get(key);
    TORCH_CHECK(found != nullptr, path_, ": expected the key ", key, ", which is missing. Add it.");
    return *found;
  }

  std::string text(const toml::node& found, std::string_view key) const {
    TORCH_CHECK(found.is_string() && !found.as_string()->get().empty(), where(found), ": ", key,
                ": expected a string in quotes, got something else. Correct it.");
    return found.as_string()->get();
  }
  std::string text(const char* key) const { return text(node(key), key); }

  std::string file(const char* key) const { return (folder_ / text(key)).string(); }

  std::vector<std::string> list(const char* key, DistinctLabels& labels) const {
    return list(node(key), key, labels);
  }

  std::vector<std::string> list(const toml::node& found, std::string_view key, DistinctLabels& labels) const {
    const toml::array* array = found.as_array();
    if (array == nullptr) {
      labels.add(read_label_list((folder_ / text(found, key)).string()));
      return labels.take();
    }
    TORCH_CHECK(!array->empty(), where(*array), ": ", key,
                ": expected at least one label, got none. Add one.");
    for (const toml::node& label : *array) {
      TORCH_CHECK(label.is_string(), where(label), ": ", key,
                  ": expected labels in quotes, got something else. Correct it.");
      labels.add(trim(label.as_string()->get()), where(label));
    }
    return labels.take();
  }

  /// Reads the label sets, in file order.
  std::vector<LabelSet> sets(const ManifestSet& set) const {
    const toml::table* given = node("sets").as_table();
    TORCH_CHECK(given != nullptr, where(node("sets")),
                ": sets: expected a table of names and labels, got something else. Correct it.");
    std::unordered_map<std::string, std::int64_t> numbers;
    for (const auto* labels : {&set.seen, &set.unseen}) {
      for (const std::string& label : *labels)
        numbers.emplace(label, static_cast<std::int64_t>(numbers.size()));
    }
    std::vector<std::pair<toml::source_index, LabelSet>> found;
    for (const auto& [name, node] : *given) {
      found.emplace_back(node.source().begin.line, LabelSet{std::string(name.str()), {}});
      DistinctLabels labels;
      for (const std::string& label : list(node, name.str(), labels)) {
        const auto number = numbers.find(label);
        TORCH_CHECK(number != numbers.end(), labels.place_of(label), ": ", name.str(),
                    ": expected seen or unseen labels of ", path_, ", got '", label,
                    "'. Correct the label, or add it to one of the lists.");
        found.back().second.labels.push_back(number->second);
      }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<LabelSet> sets;
    sets.reserve(found.size());
    for (auto& [line, one] : found) sets.push_back(std::move(one));
    return sets;
  }

  std::string path_;
  std::filesystem::path folder_;
  toml::table table_;
};

}  // namespace

bool is_manifest(const std::string& data_path) {
  return data_path.size() > kEnding.size() &&
         data_path.compare(data_path.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

ManifestSet read_manifest_set(const std::string& path) {
  return Reader(path).read();
}

}  // namespace mkt::data
