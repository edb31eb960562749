#pragma once
// Reads data sets in the NUS-WIDE layout. The numbers of images and labels come from the files.

#include <string>
#include <utility>
#include <vector>

#include "mkt/data/dataset.h"

namespace mkt::data {

/// Reads one split in the folder `root`: its label file and image list, and the label lists. Throws one
/// c10::Error that lists everything that is missing or inconsistent: files, images, label vectors, label
/// counts.
Dataset load_nus_wide(const std::string& root, Split split, const ReadingOptions& options = {});

/// Reads both splits: {training, test}. One error lists the problems of both. options.limit applies to the
/// test split only.
std::pair<Dataset, Dataset> load_nus_wide(const std::string& root, const ReadingOptions& options = {});

/// Reads the labels only: seen labels, then unseen ones. Throws c10::Error naming each label list that is
/// missing or empty.
std::vector<std::string> load_nus_wide_labels(const std::string& root);
/// Reads the seen labels only, likewise.
std::vector<std::string> load_nus_wide_seen(const std::string& root);

}  // namespace mkt::data
