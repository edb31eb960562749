#pragma once
// What is wrong with a data set, before hours are spent on it.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "check/check_options.h"
#include "check/pictures.h"
#include "mkt/data/nus_wide.h"

namespace mkt::check {

/// A picture that is not whole.
struct PictureFault {
  std::string name;
  PictureState state = PictureState::kMissing;
  std::string reason;  ///< of a broken one
};

/// How many pictures of a split have a label.
struct LabelCount {
  std::string label;
  bool unseen = false;
  std::int64_t images = 0;
};

struct SplitQuality {
  std::int64_t pictures = 0;
  std::int64_t unlabelled = 0;  ///< pictures without a present label
  std::int64_t repeated = 0;    ///< pictures whose bytes an earlier one of the split has too
  std::vector<PictureFault> faults;
  std::vector<LabelCount> labels;  ///< in the data set's order
};

/// Pictures to train and to test on that are one file, byte for byte.
struct SharedContent {
  std::vector<std::string> train;
  std::vector<std::string> test;
};

struct DataQuality {
  std::optional<SplitQuality> train;  ///< none: the data set has no such split
  std::optional<SplitQuality> test;
  std::vector<SharedContent> shared;

  /// Whether training and evaluation can read every picture.
  bool sound() const;
};

/// Decodes every picture on `workers` threads and counts labels; a split that is absent is left out. The
/// files need not be there.
DataQuality examine_data(const data::Dataset* train, const data::Dataset* test, int workers);

nlohmann::ordered_json to_json(const DataQuality& quality);
/// One screen.
std::string to_text(const DataQuality& quality);
/// A page that needs no other file; `title` is the data set's.
std::string to_page(const DataQuality& quality, const std::string& title);

struct CheckResult {
  std::string text;
  bool sound = false;
};

/// Examines `options.data_path` in the NUS-WIDE layout, or the one split of it that is there, and writes
/// options.report and options.json. Throws c10::Error where lists, labels and concepts do not fit together.
CheckResult check_data(const CheckOptions& options);

}  // namespace mkt::check
