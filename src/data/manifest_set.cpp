#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
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
constexpr std::array<const char*, 12> kKeys = {"train",  "test",      "images",     "seen",
                                               "unseen", "label_emb", "unlisted",   "classes",
                                               "sets",   "seen_ids",  "unseen_ids", "origin"};

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

/// Finds the labels of a manifest by their texts in [sets]: names, or ids if the manifest has them.
class LabelIndex {
 public:
  explicit LabelIndex(const ManifestSet& set) : set_(set) {
    std::int64_t number = 0;
    for (const std::string& key : label_keys(set)) numbers_.emplace(key, number++);
    if (set.seen_ids.empty()) return;
    number = 0;
    for (const auto* labels : {&set.seen, &set.unseen}) {
      for (const std::string& label : *labels) named_[label].push_back(number++);
    }
  }

  /// Returns the label's index. Throws c10::Error naming `place` if there is none, or if the text is the name
  /// of several ids.
  std::int64_t find(const std::string& label, const std::string& place) const {
    const auto number = numbers_.find(label);
    if (number != numbers_.end()) return number->second;
    const auto named = named_.find(label);
    TORCH_CHECK(named != named_.end(), place, ": expected seen or unseen labels of ", set_.path, ", got '",
                label, "'. Correct the label, or add it to one of the lists.");
    TORCH_CHECK(named->second.size() == 1, place, ": expected an id or the name of one label, got '", label,
                "', the name of ", ids_text(named->second), ". Write the id.");
    return named->second.front();
  }

 private:
  std::string ids_text(const std::vector<std::int64_t>& numbers) const {
    const std::vector<std::string> keys = label_keys(set_);
    std::vector<std::string> ids;
    for (const std::int64_t number : numbers) ids.push_back(keys[static_cast<std::size_t>(number)]);
    return join(ids, " and ");
  }

  const ManifestSet& set_;
  std::unordered_map<std::string, std::int64_t> numbers_;             // id or name → label
  std::unordered_map<std::string, std::vector<std::int64_t>> named_;  // name → labels; empty without ids
};

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
    read_labels(set);
    set.label_emb = table_.contains("label_emb")
                        ? file("label_emb")
                        : path_.substr(0, path_.size() - kEnding.size()) + ".label_emb.pt";
    if (table_.contains("unlisted")) set.unlisted = choice<Unlisted>("unlisted");
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

  /// Reads the labels' names and, if the manifest has them, their ids.
  void read_labels(ManifestSet& set) const {
    if (table_.contains("classes")) set.classes = choice<Classes>("classes");
    DistinctLabels distinct;
    if (!table_.contains("seen_ids") && !table_.contains("unseen_ids")) {
      set.seen = list("seen", distinct);
      set.unseen = list("unseen", distinct);
      return;
    }
    TORCH_CHECK(!table_.contains("classes") || set.classes == Classes::kIds, where(*table_.get("classes")),
                ": classes: expected \"ids\", because the manifest lists ids, got \"names\". Correct it.");
    set.classes = Classes::kIds;
    set.seen_ids = list("seen_ids", distinct);
    set.unseen_ids = list("unseen_ids", distinct);
    set.seen = names("seen", "seen_ids", set.seen_ids.size());
    set.unseen = names("unseen", "unseen_ids", set.unseen_ids.size());
  }

  /// Reads the names of labels with ids; several labels may have the same name.
  std::vector<std::string> names(const char* key, const char* ids_key, std::size_t ids) const {
    std::vector<std::string> names;
    each_label(node(key), key, [&](const std::string& label, const std::string& place) {
      TORCH_CHECK(!label.empty(), place, ": expected a label, got an empty text. Write its name.");
      names.push_back(label);
    });
    TORCH_CHECK(names.size() == ids, where(node(ids_key)), ": ", ids_key, ": expected an id for each of the ",
                names.size(), " labels of ", key, ", got ", ids, ". Correct one of the two lists.");
    return names;
  }

  std::vector<std::string> list(const char* key, DistinctLabels& labels) const {
    return list(node(key), key, labels);
  }

  std::vector<std::string> list(const toml::node& found, std::string_view key, DistinctLabels& labels) const {
    each_label(found, key,
               [&](const std::string& label, const std::string& place) { labels.add(label, place); });
    return labels.take();
  }

  /// Calls `take` with each label of a list and its location.
  void each_label(const toml::node& found, std::string_view key,
                  const std::function<void(const std::string&, const std::string&)>& take) const {
    const toml::array* array = found.as_array();
    if (array == nullptr) {
      const LabelList list = read_label_list((folder_ / text(found, key)).string());
      require_labels(list);
      for (std::size_t i = 0; i < list.labels.size(); ++i) take(list.labels[i], list.where(i));
      return;
    }
    TORCH_CHECK(!array->empty(), where(*array), ": ", key,
                ": expected at least one label, got none. Add one.");
    for (const toml::node& label : *array) {
      TORCH_CHECK(label.is_string(), where(label), ": ", key,
                  ": expected labels in quotes, got something else. Correct it.");
      take(trim(label.as_string()->get()), where(label));
    }
  }

  /// Reads the label sets, in file order.
  std::vector<LabelSet> sets(const ManifestSet& set) const {
    const toml::table* given = node("sets").as_table();
    TORCH_CHECK(given != nullptr, where(node("sets")),
                ": sets: expected a table of names and labels, got something else. Correct it.");
    const LabelIndex index(set);
    std::vector<std::pair<toml::source_index, LabelSet>> found;
    for (const auto& [name, node] : *given) {
      found.emplace_back(node.source().begin.line, LabelSet{std::string(name.str()), {}});
      DistinctLabels labels;
      for (const std::string& label : list(node, name.str(), labels)) {
        const std::string place = fmt::format("{}: {}", labels.place_of(label), name.str());
        const std::int64_t number = index.find(label, place);
        std::vector<std::int64_t>& members = found.back().second.labels;
        TORCH_CHECK(std::find(members.begin(), members.end(), number) == members.end(), place,
                    ": expected each label once, got '", label,
                    "' by name and by id. Remove one of the two.");
        members.push_back(number);
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

std::vector<std::string> label_keys(const ManifestSet& set) {
  const bool by_id = !set.seen_ids.empty();
  std::vector<std::string> keys = by_id ? set.seen_ids : set.seen;
  const std::vector<std::string>& unseen = by_id ? set.unseen_ids : set.unseen;
  keys.insert(keys.end(), unseen.begin(), unseen.end());
  return keys;
}

ManifestSet read_manifest_set(const std::string& path) {
  return Reader(path).read();
}

}  // namespace mkt::data
