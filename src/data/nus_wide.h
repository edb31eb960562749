#pragma once
// Reads data sets in the NUS-WIDE layout. All counts come from the files.

#include <string>
#include <utility>
#include <vector>

#include "mkt/data/dataset.h"

namespace mkt::data {

/// Reads one split under `root`: the split's label file and image list, and the label lists. Throws one
/// c10::Error that lists everything that is missing or does not fit: files, images, label vectors, label
/// counts.
Dataset load_nus_wide(const std::string& root, Split split, const ReadingOptions& options = {});

/// Reads both splits: {training, test}; one error lists the faults of both. `limit` applies to the test split
/// only.
std::pair<Dataset, Dataset> load_nus_wide(const std::string& root, const ReadingOptions& options = {});

/// Reads the labels only: seen labels, then unseen ones. Throws c10::Error naming what is missing.
std::vector<std::string> load_nus_wide_labels(const std::string& root);

}  // namespace mkt::data
