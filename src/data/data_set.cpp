#include "mkt/data/data_set.h"

#include "mkt/core/text.h"

namespace mkt::data {
namespace {

/// (N, `labels`) int8: 1 present, -1 absent; what a record does not name is what the set says.
torch::Tensor table_of(const ManifestSet& set, const std::vector<ManifestRecord>& records,
                       std::size_t labels) {
  const auto width = static_cast<std::int64_t>(labels);
  torch::Tensor table = torch::full({static_cast<std::int64_t>(records.size()), width},
                                    set.unlisted_absent ? -1 : 0, torch::kInt8);
  std::int8_t* row = table.data_ptr<std::int8_t>();
  for (const ManifestRecord& record : records) {
    for (const std::int32_t label : record.present) {
      if (label < width) row[label] = 1;
    }
    for (const std::int32_t label : record.absent) {
      if (label < width) row[label] = -1;
    }
    row += width;
  }
  return table;
}

Dataset load_manifest(const ManifestSet& set, Split split, const NusWideOptions& options) {
  const bool train = split == Split::kTrain;
  const std::string& file = train ? set.train : set.test;
  const auto records = read_manifest_records(set, file, options.limit);
  Dataset result;
  result.paths = find_manifest_images(set, file, records, options.workers, options.look_for_images);
  for (const ManifestRecord& record : records) result.names.push_back(record.image);
  result.seen = set.seen;
  if (!train) result.unseen = set.unseen;
  const auto seen = static_cast<std::int64_t>(set.seen.size());
  result.labels = table_of(set, records, result.seen.size() + result.unseen.size());  // (N, S [+ U])
  TORCH_CHECK(!train || result.labels.eq(-1).any().item<bool>(), file,
              ": expected absent labels to train on, got none. Name them, or write unlisted = \"absent\" in ",
              set.path, ".");
  if (!train) result.labels_unseen = result.labels.slice(1, seen).contiguous();  // (N, U)
  return result;
}

}  // namespace

Dataset load_data_set(const std::string& data_path, Split split, const NusWideOptions& options) {
  if (!is_manifest(data_path)) return load_nus_wide(data_path, split, options);
  return load_manifest(read_manifest_set(data_path), split, options);
}

std::pair<Dataset, Dataset> load_data_set(const std::string& data_path, const NusWideOptions& options) {
  if (!is_manifest(data_path)) return load_nus_wide(data_path, options);
  const ManifestSet set = read_manifest_set(data_path);
  NusWideOptions train_options = options;
  train_options.limit = 0;
  return {load_manifest(set, Split::kTrain, train_options), load_manifest(set, Split::kTest, options)};
}

std::vector<std::string> load_data_set_labels(const std::string& data_path) {
  if (!is_manifest(data_path)) return load_label_names(data_path);
  const ManifestSet set = read_manifest_set(data_path);
  std::vector<std::string> labels = set.seen;
  labels.insert(labels.end(), set.unseen.begin(), set.unseen.end());
  return labels;
}

std::string label_features_path(const std::string& data_path) {
  return is_manifest(data_path) ? read_manifest_set(data_path).label_emb : cat(data_path, "/label_emb.pt");
}

}  // namespace mkt::data
