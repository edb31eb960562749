#pragma once
// NUS-WIDE as MKT (arXiv 2207.01887) lays it out, after BiAM; every count comes from the files.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mkt/data/label_set.h"
#include "mkt/data/label_table.h"

namespace mkt::data {

/// Images with their labels in {-1, 0, 1}: absent, not annotated, present.
struct Dataset {
  std::vector<std::string> names;   ///< N, as the image list has them
  std::vector<std::string> paths;   ///< N
  LabelTable labels;                ///< training (N, S), test (N, S + U)
  LabelTable labels_unseen;         ///< (N, U); none for training
  std::vector<std::string> seen;    ///< S
  std::vector<std::string> unseen;  ///< U; empty for training
  std::vector<LabelSet> sets;       ///< a manifest's; empty for training
};

enum class Split { kTrain, kTest };

struct NusWideOptions {
  int workers = 8;              ///< threads that look for the image files
  std::int64_t limit = 0;       ///< only the first so many images of the list; 0: all
  bool look_for_images = true;  ///< false where another rank does
};

/// Reads one split under `root`. Opens the split's own label file and image list (.pkl, or .txt with one name
/// a line where there is no .pkl) and its concept files, and looks for every image. Throws one c10::Error
/// with everything that is missing or does not fit: files, images, label sets, numbers of labels.
Dataset load_nus_wide(const std::string& root, Split split, const NusWideOptions& options = {});

/// Both splits, in one report if anything is missing in either: {training, test}. `limit` is the test
/// split's.
std::pair<Dataset, Dataset> load_nus_wide(const std::string& root, const NusWideOptions& options = {});

/// The labels alone, seen then unseen, from the concept files under `root`. Throws c10::Error naming what is
/// missing.
std::vector<std::string> load_label_names(const std::string& root);

/// A test set's labels, seen then unseen: the columns of its `labels`.
std::vector<std::string> all_labels(const Dataset& set);

/// Path of an image under Flickr/: "a_b_0001_99.jpg" → "a_b/0001_99.jpg". Throws ValueError where `name` has
/// fewer than three parts or holds a slash.
std::string nus_wide_image_path(const std::string& name);

}  // namespace mkt::data
