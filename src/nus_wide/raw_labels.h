#pragma once
// Reads the label tables of a release: text files with 0 and 1, one line per image in a list.

#include <string>
#include <vector>

#include "nus_wide/raw_lists.h"

namespace mkt::nus_wide {

/// An image list; line i of a label table belongs to entry i of the list.
struct ImageList {
  std::string path;
  std::vector<Place> places;
};

/// Reads a table whose lines correspond to `list`. Column c of the file is stored in column `into[c]` of
/// `table` in the image's split; it is skipped if `into[c]` is -1. Throws c10::Error naming file and line if
/// the number of values or lines differs, or if a value is neither 0 nor 1.
void read_table(const std::string& path, const std::string& names_file, const std::vector<int>& into,
                const ImageList& list, LabelTable RawSplit::*table);

/// Reads a file with one value per line into column `column`. Throws the same errors as read_table.
void read_column(const std::string& path, std::size_t column, const ImageList& list,
                 LabelTable RawSplit::*table);

}  // namespace mkt::nus_wide
