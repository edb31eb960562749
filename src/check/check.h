#pragma once
// Checks a data set before training: unreadable images, duplicates, label frequencies.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "check/check_options.h"
#include "check/image_facts.h"
#include "mkt/data/dataset.h"

namespace mkt::check {

/// An image whose state is not kWhole.
struct ImageFault {
  std::string name;
  ImageState state = ImageState::kMissing;
  std::string reason;  ///< why a broken image cannot be read
};

/// Number of images of a split that have a label.
struct LabelCount {
  std::string label;
  bool unseen = false;
  std::int64_t images = 0;
};

struct SplitQuality {
  std::int64_t images = 0;
  std::int64_t unlabelled = 0;  ///< images without a present label
  std::int64_t repeated = 0;    ///< images with the same bytes as an earlier one of the split
  std::vector<ImageFault> faults;
  std::vector<LabelCount> labels;  ///< in the order of the data set
};

/// Training and test images with the same bytes.
struct SharedContent {
  std::vector<std::string> train;
  std::vector<std::string> test;
};

struct DataQuality {
  std::optional<SplitQuality> train;  ///< empty if the data set has no such split
  std::optional<SplitQuality> test;
  std::vector<SharedContent> shared;

  /// Whether training and evaluation can read every image.
  bool sound() const;
};

/// Decodes all images on `workers` threads and counts labels. A null split is skipped; image files may be
/// missing.
DataQuality examine_data(const data::Dataset* train, const data::Dataset* test, int workers);

/// The result file of `prepare check`.
nlohmann::ordered_json to_json(const DataQuality& quality);
/// A summary that fits on one screen.
std::string to_text(const DataQuality& quality);
/// A self-contained HTML page; `title` is the data set's name.
std::string to_page(const DataQuality& quality, const std::string& title);

struct CheckResult {
  std::string text;
  bool sound = false;
};

/// Examines the splits that exist in `options.data_path` and writes options.report and options.json. Throws
/// c10::Error if image lists, label vectors and label lists do not fit together.
CheckResult check_data(const CheckOptions& options);

}  // namespace mkt::check
