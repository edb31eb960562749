#include <c10/util/Exception.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "core/text.h"
#include "io/numbered_lines.h"
#include "mkt/data/manifest.h"

namespace mkt::data {
namespace {

constexpr std::string_view kEnding = ".toml";
constexpr std::array<const char*, 8> kKeys = {"train",  "test",      "images",   "seen",
                                              "unseen", "label_emb", "unlisted", "sets"};

/// Labels with the lines that they stand in.
class Labels {
 public:
  void add(const std::string& label, const std::string& where) {
    TORCH_CHECK(!label.empty(), where, ": expected a label, got an empty text. Drop it.");
    const auto [known, added] = places_.emplace(label, where);
    TORCH_CHECK(added, where, ": expected each label once, got '", label, "' again, after ", known->second,
                ". Drop one of the two.");
    names_.push_back(label);
  }

  void add_file(const std::string& path) {
    const std::size_t before = names_.size();
    io::NumberedLines lines(path);
    while (lines.next()) add(std::string(lines.text()), lines.where());
    TORCH_CHECK(names_.size() > before, path, ": expected a label a line, got none. Add labels.");
  }

  std::vector<std::string> take() { return std::exchange(names_, {}); }  // the places stay known

  const std::string& place_of(const std::string& label) const { return places_.at(label); }

 private:
  std::unordered_map<std::string, std::string> places_;
  std::vector<std::string> names_;
};

toml::table parse(const std::string& path) {
  std::ifstream file(path);
  TORCH_CHECK(file.good() && std::filesystem::is_regular_file(path), "data-path ", path,
              ": expected a manifest's TOML file, got ",
              std::filesystem::exists(path) ? "what is no file" : "nothing", ". Check the path.");
  try {
    return toml::parse(file, path);
  } catch (const toml::parse_error& error) {
    TORCH_CHECK(false, path, ":", error.source().begin.line,
                ": expected TOML, got an error: ", error.description(), ". Correct the line.");
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
    Labels labels;
    set.seen = list("seen", labels);
    set.unseen = list("unseen", labels);
    set.label_emb = table_.contains("label_emb")
                        ? file("label_emb")
                        : path_.substr(0, path_.size() - kEnding.size()) + ".label_emb.pt";
    set.unlisted_absent = table_.contains("unlisted") && unlisted() == "absent";
    if (table_.contains("sets")) set.sets = sets(set);
    return set;
  }

 private:
  std::string where(const toml::node& node) const { return cat(path_, ":", node.source().begin.line); }

  std::string unlisted() const {
    std::string value = text("unlisted");
    TORCH_CHECK(value == "absent" || value == "unknown", where(*table_.get("unlisted")),
                ": unlisted: expected \"absent\" or \"unknown\", got \"", value, "\". Correct it.");
    return value;
  }

  const toml::node& node(const char* key) const {
    const toml::node* found = table_.get(key);
    TORCH_CHECK(found != nullptr, path_, ": expected the key ", key, ", which is not in it. Add it.");
    return *found;
  }

  std::string text(const toml::node& found, std::string_view key) const {
    TORCH_CHECK(found.is_string() && !found.as_string()->get().empty(), where(found), ": ", key,
                ": expected a text in quotes, got something else. Correct it.");
    return found.as_string()->get();
  }
  std::string text(const char* key) const { return text(node(key), key); }

  std::string file(const char* key) const { return (folder_ / text(key)).string(); }

  std::vector<std::string> list(const char* key, Labels& labels) const {
    return list(node(key), key, labels);
  }

  std::vector<std::string> list(const toml::node& found, std::string_view key, Labels& labels) const {
    const toml::array* array = found.as_array();
    if (array == nullptr) {
      labels.add_file((folder_ / text(found, key)).string());
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

  /// In the order of their lines.
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
      Labels labels;
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

std::vector<std::string> read_label_list(const std::string& path) {
  Labels labels;
  labels.add_file(path);
  return labels.take();
}

}  // namespace mkt::data
