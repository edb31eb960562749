#pragma once
// Reads Open Images' human-verified image-level labels. The files have millions of rows; one image's rows are
// in memory at a time.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "imports/manifest_options.h"
#include "imports/open_images_classes.h"
#include "io/csv.h"

namespace mkt::imports {

/// Labels of one image (numbers of classes), in ascending order.
struct VerifiedLabels {
  std::string image;  ///< ImageID column
  std::string where;  ///< "<file>:<line>" of the first row
  std::vector<std::int32_t> present;
  std::vector<std::int32_t> absent;
};

struct RowCounts {
  std::int64_t rows = 0;
  std::int64_t repeated = 0;       ///< rows with the same image, label and confidence as another row
  std::int64_t contradictory = 0;  ///< (image, label) pairs with rows of both confidences
};

/// Iterates over the images in …-annotations-human-imagelabels.csv. Columns: ImageID, Source, LabelName,
/// Confidence (1 present, 0 absent). If a label has rows of both confidences, the last row counts, or the
/// label is in neither list.
class OpenImagesLabels {
 public:
  /// Opens the file. Throws c10::Error naming the file if a column is missing or there are no rows.
  OpenImagesLabels(std::string path, const OpenImagesClasses& classes, Contradictory contradictory);

  /// Advances to the next image; returns false at the end. Throws c10::Error naming file and line if the
  /// number of fields differs from the header, an ImageID does not have 16 hexadecimal digits, a class is
  /// unknown, or a confidence is neither 0 nor 1. At the end, throws if the rows for an image were not
  /// consecutive.
  bool next();

  const VerifiedLabels& image() const { return image_; }
  const RowCounts& counts() const { return counts_; }

 private:
  struct Columns {
    explicit Columns(const io::CsvTable& table);
    std::size_t image;
    std::size_t label;
    std::size_t confidence;
  };

  bool next_row();
  void take_row();
  /// Sets image_.present and image_.absent from labels_.
  void settle();
  /// Throws c10::Error if an image appears twice in images_.
  void check_consecutive();

  std::string path_;
  const OpenImagesClasses& classes_;
  Contradictory contradictory_;
  io::CsvTable table_;
  Columns columns_;
  RowCounts counts_;
  bool has_row_;  // whether table_ is positioned at a row that is not processed yet
  std::vector<std::pair<std::int32_t, bool>> labels_;  // the current image's rows: class, whether present
  std::vector<std::uint64_t> images_;                  // numeric ids of the images read so far
  VerifiedLabels image_;
};

}  // namespace mkt::imports
