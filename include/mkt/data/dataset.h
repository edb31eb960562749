#pragma once
// Data sets: images with their labels, split into training and test images.
//
// A data set's path is either a folder in the NUS-WIDE layout or a manifest, a TOML file that names lists of
// images and labels (docs/nus-wide.md and docs/own-pictures.md describe them).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mkt/data/label_table.h"

namespace mkt::data {

/// A named group of labels that evaluation compares among themselves.
struct LabelSet {
  std::string name;
  std::vector<std::int64_t> labels;  ///< indices into the seen labels followed by the unseen ones
};

/// The images of one split with their labels: -1 absent, 0 not annotated, 1 present.
struct Dataset {
  std::vector<std::string> names;   ///< N image names, as the image list spells them
  std::vector<std::string> paths;   ///< N image files
  LabelTable labels;                ///< (N, S) for training, (N, S + U) for test
  LabelTable labels_unseen;         ///< (N, U) for test; undefined for training
  std::vector<std::string> seen;    ///< S seen labels
  std::vector<std::string> unseen;  ///< U unseen labels; empty for training
  std::vector<LabelSet> sets;       ///< a manifest's named sets; empty for training
};

enum class Split { kTrain, kTest };

/// How a data set is read.
struct ReadingOptions {
  int workers = 8;              ///< threads that check whether the image files exist
  std::int64_t limit = 0;       ///< reads only the first `limit` images of the list; 0 reads all
  bool look_for_images = true;  ///< whether to check that the image files exist; one rank per node is enough
};

/// Reads one split. Throws c10::Error: for a folder, one error that lists everything that is missing or does
/// not fit (files, images, label vectors, label counts); for a manifest, an error that names the file and
/// line of the first fault. A manifest's training split keeps the seen labels only, and at least one of its
/// images must have an absent label, because training ranks present labels above absent ones.
Dataset load_dataset(const std::string& data_path, Split split, const ReadingOptions& options = {});

/// Reads both splits: {training, test}. `limit` applies to the test split only.
std::pair<Dataset, Dataset> load_dataset(const std::string& data_path, const ReadingOptions& options = {});

/// Reads the labels only: seen labels, then unseen ones. Throws c10::Error naming what is missing.
std::vector<std::string> load_dataset_labels(const std::string& data_path);

/// Seen labels, then unseen ones: the columns of a test split's `labels`.
std::vector<std::string> all_labels(const Dataset& set);

/// Path of the file with the labels' features: label_emb.pt in the folder, or the file that the manifest
/// names.
std::string label_features_path(const std::string& data_path);

/// SHA-256 of names or of sets, as 64 hexadecimal digits. A resumed run compares them to detect changed
/// inputs.
std::string digest(const std::vector<std::string>& names);
std::string digest(const std::vector<LabelSet>& sets);

}  // namespace mkt::data
