#pragma once
// The label tables of a release: 0s and 1s in text, a line a picture of a list.

#include <string>
#include <vector>

#include "nus_wide/raw_lists.h"

namespace mkt::nus_wide {

/// A list of pictures that tables follow line by line.
struct PictureList {
  std::string path;
  std::vector<Place> places;
};

/// Reads a table of `names.size()` columns beside `list`. Column c goes to column `into[c]` of `table` of the
/// split that a line's picture is in; -1: nowhere. Throws c10::Error naming file and line where there are
/// more or fewer values or lines than expected, or a value is neither 0 nor 1.
void read_table(const std::string& path, const std::string& names_file, const std::vector<int>& into,
                const PictureList& list, LabelTable RawSplit::*table);

/// Reads one column, a value a line, into column `column`.
void read_column(const std::string& path, std::size_t column, const PictureList& list,
                 LabelTable RawSplit::*table);

}  // namespace mkt::nus_wide
