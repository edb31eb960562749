#pragma once
// Data sets: images with their labels, split into training and test images.
//
// A data set's path is either a folder in the NUS-WIDE layout or a manifest, a TOML file that names lists of
// images and labels (docs/nus-wide.md and docs/own-pictures.md describe them).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mkt/core/enum_names.h"
#include "mkt/data/label_table.h"

namespace mkt::data {

/// A named group of labels. Evaluation compares these labels only with each other.
struct LabelSet {
  std::string name;
  std::vector<std::int64_t> labels;  ///< indices into the list of seen labels, then unseen labels
};

/// One split: N images and their labels (-1 absent, 0 not annotated, 1 present).
struct Dataset {
  std::vector<std::string> names;       ///< N image names, as the image list spells them
  std::vector<std::string> paths;       ///< N paths to image files
  LabelTable labels;                    ///< (N, S) for training, (N, S + U) for test
  LabelTable labels_unseen;             ///< (N, U) for test; undefined for training
  std::vector<std::string> seen;        ///< names of the S seen labels
  std::vector<std::string> unseen;      ///< names of the U unseen labels; empty for training
  std::vector<LabelSet> sets;           ///< the manifest's named label sets; empty for training
  std::vector<std::string> seen_ids;    ///< ids of the seen labels; empty if the data set has none
  std::vector<std::string> unseen_ids;  ///< ids of the unseen labels; empty for training or without ids
};

enum class Split { kTrain, kTest };

/// Options of load_dataset().
struct ReadingOptions {
  int workers = 8;              ///< number of threads that check whether the image files exist
  std::int64_t limit = 0;       ///< maximum number of images, from the start of the list; 0: no limit
  bool look_for_images = true;  ///< whether to check that the image files exist; one rank per node is enough
};

/// Reads one split. Throws c10::Error: for a folder, one error that lists all missing and all inconsistent
/// items (files, images, label vectors, label counts); for a manifest, an error that names the file and line
/// of the first problem. A manifest's training split contains only the seen labels, and at least one of its
/// images must have an absent label, because training ranks present labels above absent ones.
Dataset load_dataset(const std::string& data_path, Split split, const ReadingOptions& options = {});

/// Reads both splits and returns {training, test}. `limit` applies to the test split only.
std::pair<Dataset, Dataset> load_dataset(const std::string& data_path, const ReadingOptions& options = {});

/// Reads only the label names: seen labels, then unseen labels. Throws c10::Error naming the missing file or
/// entry.
std::vector<std::string> load_dataset_labels(const std::string& data_path);

/// Returns how many labels of load_dataset_labels(), from the first, are seen. Throws likewise.
std::size_t count_seen_labels(const std::string& data_path);

/// Returns the seen labels, then the unseen labels: the column names of a test split's `labels`.
std::vector<std::string> all_labels(const Dataset& set);

/// Returns the ids of all_labels(), in its order; empty if the data set has none. Labels with different ids
/// may have the same name.
std::vector<std::string> all_ids(const Dataset& set);

/// Returns the path of the label features: label_emb.pt in the folder, or the file named in the manifest.
std::string label_features_path(const std::string& data_path);

/// Returns the SHA-256 of label names or label sets, as 64 hexadecimal digits. A resumed run compares digests
/// to detect changed inputs.
std::string digest(const std::vector<std::string>& names);
std::string digest(const std::vector<LabelSet>& sets);

}  // namespace mkt::data

template <>
struct mkt::Names<mkt::data::Split> {
  static constexpr NameTable<data::Split, 2> kTable{
      {{data::Split::kTrain, "train"}, {data::Split::kTest, "test"}}};
};
