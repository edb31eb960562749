#pragma once
// Checks a data set before training: unreadable images, duplicates, label frequencies.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "check/check_options.h"
#include "check/fingerprint.h"
#include "check/image_facts.h"
#include "mkt/data/dataset.h"

namespace mkt::check {

/// A faulty image: its state is not kWhole.
struct ImageFault {
  std::string name;
  ImageState state = ImageState::kMissing;
  std::string reason;  ///< reason why a broken image cannot be decoded
};

/// Number of images in a split with a given label.
struct LabelCount {
  std::string label;
  bool unseen = false;
  std::int64_t images = 0;
  std::string id{};  ///< "" if the data set's labels have no ids
};

struct SplitQuality {
  std::int64_t images = 0;
  std::int64_t unlabelled = 0;  ///< images without a present label
  std::int64_t repeated = 0;    ///< images whose file has the same bytes as an earlier image in the split
  std::vector<ImageFault> faults;
  std::vector<LabelCount> labels;  ///< in label order of the data set
};

/// Training and test images whose files have the same bytes.
struct SharedContent {
  std::vector<std::string> train;
  std::vector<std::string> test;
};

struct DataQuality {
  std::optional<SplitQuality> train;  ///< nullopt if the data set does not have this split
  std::optional<SplitQuality> test;
  std::vector<SharedContent> shared;
  std::optional<Fingerprint> fingerprint;  ///< nullopt without test images

  /// Returns whether every image can be decoded for training and evaluation.
  bool sound() const;
};

/// Decodes all images on `workers` threads, counts the images per label and takes the test split's
/// fingerprint. A null split is skipped; image files may be missing.
DataQuality examine_data(const data::Dataset* train, const data::Dataset* test, int workers);

/// Formats the JSON report written by `prepare check`.
nlohmann::ordered_json to_json(const DataQuality& quality);
/// Formats a summary that fits on one screen.
std::string to_text(const DataQuality& quality);
/// Formats a self-contained HTML page; `title` is the name of the data set.
std::string to_page(const DataQuality& quality, const std::string& title);

struct CheckResult {
  std::string text;
  bool sound = false;
};

/// Examines the splits that exist in `options.data_path` and writes options.report and options.json. Throws
/// c10::Error if the image lists, label vectors and label lists are inconsistent.
CheckResult check_data(const CheckOptions& options);

}  // namespace mkt::check
