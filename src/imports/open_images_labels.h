#pragma once
// Open Images' image-level labels that people verified: millions of rows, of which one picture's are in
// memory.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "imports/csv.h"
#include "imports/open_images_classes.h"

namespace mkt::imports {

/// A picture's rows. Labels ascend.
struct VerifiedLabels {
  std::string image;  ///< the ImageID
  std::string where;  ///< of its first row
  std::vector<std::int32_t> present;
  std::vector<std::int32_t> absent;
};

struct RowCounts {
  std::int64_t rows = 0;
  std::int64_t repeated = 0;       ///< rows that say what another one of the picture says
  std::int64_t contradictory = 0;  ///< labels of a picture that rows say both of
};

/// The pictures of a …-annotations-human-imagelabels.csv one after another: ImageID, Source, LabelName,
/// Confidence, where 1 says present and 0 absent. A label with both, or whose classes of one name differ, is
/// in neither list.
class OpenImagesLabels {
 public:
  /// Throws c10::Error naming file and line of a column that is missing.
  OpenImagesLabels(std::string path, const OpenImagesClasses& classes);

  /// Goes to the next picture; false at the end. Throws c10::Error naming file and line: another number of
  /// fields, an ImageID that is no number of 16 hexadecimal digits, a class that is not described, a
  /// confidence between 0 and 1; and at the end, where the rows of a picture are not together.
  bool next();

  const VerifiedLabels& picture() const { return picture_; }
  const RowCounts& counts() const { return counts_; }

 private:
  struct Columns {
    explicit Columns(const CsvTable& table);
    std::size_t image;
    std::size_t label;
    std::size_t confidence;
  };

  bool next_row();
  void take_row();
  void settle();
  void check_together();

  std::string path_;
  const OpenImagesClasses& classes_;
  CsvTable table_;
  Columns columns_;
  RowCounts counts_;
  bool has_row_;                                       // that no picture has taken
  std::vector<std::pair<std::int32_t, bool>> labels_;  // of the picture
  std::vector<std::uint64_t> images_;                  // so far
  VerifiedLabels picture_;
};

}  // namespace mkt::imports
