#include <c10/util/Exception.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "mkt/core/numbered_lines.h"
#include "mkt/core/text.h"
#include "mkt/data/manifest.h"

namespace mkt::data {
namespace {

constexpr std::string_view kEnding = ".toml";
constexpr std::array<const char*, 7> kKeys = {"train",  "test",      "images",  "seen",
                                              "unseen", "label_emb", "unlisted"};

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
    NumberedLines lines(path);
    while (lines.next()) add(std::string(lines.text()), lines.where());
    TORCH_CHECK(names_.size() > before, path, ": expected a label a line, got none. Add labels.");
  }

  std::vector<std::string> take() { return std::exchange(names_, {}); }  // the places stay known

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
    if (!table_.contains("unlisted")) return set;
    const std::string unlisted = text("unlisted");
    TORCH_CHECK(unlisted == "absent" || unlisted == "unknown", where(*table_.get("unlisted")),
                ": unlisted: expected \"absent\" or \"unknown\", got \"", unlisted, "\". Correct it.");
    set.unlisted_absent = unlisted == "absent";
    return set;
  }

 private:
  std::string where(const toml::node& node) const { return cat(path_, ":", node.source().begin.line); }

  const toml::node& node(const char* key) const {
    const toml::node* found = table_.get(key);
    TORCH_CHECK(found != nullptr, path_, ": expected the key ", key, ", which is not in it. Add it.");
    return *found;
  }

  std::string text(const char* key) const {
    const toml::node& found = node(key);
    TORCH_CHECK(found.is_string() && !found.as_string()->get().empty(), where(found), ": ", key,
                ": expected a text in quotes, got something else. Correct it.");
    return found.as_string()->get();
  }

  std::string file(const char* key) const { return (folder_ / text(key)).string(); }

  std::vector<std::string> list(const char* key, Labels& labels) const {
    const toml::array* array = node(key).as_array();
    if (array == nullptr) {
      labels.add_file(file(key));
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
