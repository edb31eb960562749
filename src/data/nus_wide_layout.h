#pragma once
// File names of the NUS-WIDE layout, as used by BiAM and MKT (arXiv 2207.01887).

#include <string>

#include "mkt/data/dataset.h"

namespace mkt::data {

/// File names and key suffixes. Paths are relative to the data set's folder.
struct NusWideLayout {
  struct SplitFiles {
    const char* image_list;  ///< without its extension: .pkl, or .txt with one name per line
    const char* labels;      ///< HDF5 file with the label vectors
  };

  const char* seen_labels = "Concepts925.txt";
  const char* unseen_labels = "Concepts81.txt";
  const char* label_features = "label_emb.pt";
  const char* images = "Flickr";
  const char* features = "features";  ///< folder of the label files
  SplitFiles train{"img_names", "features/nus_wide_train.h5"};
  SplitFiles test{"test_img_names", "features/nus_wide_test.h5"};
  const char* labels_key = "-labels";            ///< key in the label file = image name + this suffix
  const char* unseen_labels_key = "-labels_81";  ///< same for the vector with the unseen labels only

  const SplitFiles& files(Split split) const { return split == Split::kTrain ? train : test; }
};

inline constexpr NusWideLayout kNusWide;

/// Converts an image name to its path in the data set's folder: "a_b_0001_99.jpg" → "Flickr/a_b/0001_99.jpg".
/// Throws ValueError if `name` has fewer than three parts or contains a slash.
std::string nus_wide_image_path(const std::string& name);

/// Whether the folder `root` has an image list for the split.
bool has_image_list(const std::string& root, Split split);

/// Whether the folder `root` has both label lists, and so is a NUS-WIDE folder.
bool has_label_lists(const std::string& root);

}  // namespace mkt::data
