#pragma once
// Reads Open Images' human-verified image-level labels: millions of rows, one image's rows in memory at a
// time.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "imports/open_images_classes.h"
#include "io/csv.h"

namespace mkt::imports {

/// The labels that an image's rows give, in ascending order.
struct VerifiedLabels {
  std::string image;  ///< ImageID
  std::string where;  ///< "<file>:<line>" of the first row
  std::vector<std::int32_t> present;
  std::vector<std::int32_t> absent;
};

struct RowCounts {
  std::int64_t rows = 0;
  std::int64_t repeated = 0;       ///< rows that repeat another row of the image
  std::int64_t contradictory = 0;  ///< labels of an image that have rows of both confidences
};

/// Reads the images of a …-annotations-human-imagelabels.csv one by one. Columns: ImageID, Source, LabelName,
/// Confidence (1 present, 0 absent). A label that has rows of both confidences is in neither list.
class OpenImagesLabels {
 public:
  /// Throws c10::Error naming the file if a column is missing or there are no rows.
  OpenImagesLabels(std::string path, const OpenImagesClasses& classes);

  /// Advances to the next image; false at the end. Throws c10::Error naming file and line: another number of
  /// fields, an ImageID that does not have 16 hexadecimal digits, an unknown class, a confidence other than 0
  /// and 1; and at the end of the file, if the rows of an image were not consecutive.
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
  /// Sets the lists of image_ from labels_.
  void settle();
  /// Throws if an image appears twice in images_.
  void check_consecutive();

  std::string path_;
  const OpenImagesClasses& classes_;
  io::CsvTable table_;
  Columns columns_;
  RowCounts counts_;
  bool has_row_;                                       // whether table_ is at a row that is not processed yet
  std::vector<std::pair<std::int32_t, bool>> labels_;  // rows of the image: label, whether present
  std::vector<std::uint64_t> images_;                  // ids of the images read so far
  VerifiedLabels image_;
};

}  // namespace mkt::imports
