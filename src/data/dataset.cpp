#include "mkt/data/dataset.h"

#include <fmt/format.h>

#include "data/manifest.h"
#include "data/nus_wide.h"
#include "data/nus_wide_layout.h"
#include "io/sha256.h"
#include "lists/label_names.h"

namespace mkt::data {
namespace {

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Dataset load_manifest_split(const ManifestSet& set, Split split, const ReadingOptions& options) {
  const bool train = split == Split::kTrain;
  const std::string& file = train ? set.train : set.test;
  const auto seen = static_cast<std::int64_t>(set.seen.size());
  Dataset result;
  result.seen = set.seen;
  result.seen_ids = set.seen_ids;
  if (!train) {
    result.unseen = set.unseen;
    result.unseen_ids = set.unseen_ids;
  }
  const std::int64_t all = seen + static_cast<std::int64_t>(result.unseen.size());
  result.labels = LabelTable(all, set.unlisted == Unlisted::kAbsent ? -1 : 0);  // (N, S [+ U])
  std::vector<std::int64_t> lines;
  each_manifest_record(set, file, options.limit, [&](ManifestRecord record) {
    result.labels.add(record.present, record.absent);
    result.names.push_back(std::move(record.image));
    lines.push_back(record.line);
  });
  result.paths =
      find_manifest_images(set, file, result.names, lines, options.workers, options.look_for_images);
  TORCH_CHECK(!train || result.labels.rows_with(-1) > 0, file,
              ": expected absent labels to train on, got none. List them, or write unlisted = \"absent\" in ",
              set.path, ".");
  if (train) return result;
  result.labels_unseen = result.labels.columns(seen, all);  // (N, U)
  result.sets = set.sets;
  return result;
}

/// Reads a manifest's TOML file and checks its labels.
ManifestSet read_checked_set(const std::string& path) {
  ManifestSet set = read_manifest_set(path);
  if (!set.seen_ids.empty()) {
    check_class_names(joined(set.seen, set.unseen), label_keys(set), path);
    return set;
  }
  check_label_names(
      set.seen, set.unseen, set.classes, path,
      "Remove one of each pair, or write classes = \"ids\" there if they are different classes.");
  return set;
}

}  // namespace

Dataset load_dataset(const std::string& data_path, Split split, const ReadingOptions& options) {
  if (!is_manifest(data_path)) return load_nus_wide(data_path, split, options);
  return load_manifest_split(read_checked_set(data_path), split, options);
}

std::pair<Dataset, Dataset> load_dataset(const std::string& data_path, const ReadingOptions& options) {
  if (!is_manifest(data_path)) return load_nus_wide(data_path, options);
  const ManifestSet set = read_checked_set(data_path);
  ReadingOptions train_options = options;
  train_options.limit = 0;
  return {load_manifest_split(set, Split::kTrain, train_options),
          load_manifest_split(set, Split::kTest, options)};
}

std::vector<std::string> all_labels(const Dataset& set) {
  return joined(set.seen, set.unseen);
}

std::vector<std::string> all_ids(const Dataset& set) {
  return joined(set.seen_ids, set.unseen_ids);
}

std::vector<std::string> load_dataset_labels(const std::string& data_path) {
  if (!is_manifest(data_path)) return load_nus_wide_labels(data_path);
  const ManifestSet set = read_checked_set(data_path);
  return joined(set.seen, set.unseen);
}

std::size_t count_seen_labels(const std::string& data_path) {
  return is_manifest(data_path) ? read_checked_set(data_path).seen.size()
                                : load_nus_wide_seen(data_path).size();
}

std::string label_features_path(const std::string& data_path) {
  return is_manifest(data_path) ? read_manifest_set(data_path).label_emb
                                : fmt::format("{}/{}", data_path, kNusWide.label_features);
}

std::string digest(const std::vector<std::string>& names) {
  io::Sha256 sum;
  for (const std::string& name : names) sum.update(name.c_str(), name.size() + 1);
  return sum.hex();
}

std::string digest(const std::vector<LabelSet>& sets) {
  io::Sha256 sum;
  for (const LabelSet& set : sets) {
    const auto size = static_cast<std::int64_t>(set.labels.size());
    sum.update(set.name.c_str(), set.name.size() + 1);
    sum.update(&size, sizeof(size));
    sum.update(set.labels.data(), set.labels.size() * sizeof(set.labels[0]));
  }
  return sum.hex();
}

}  // namespace mkt::data
