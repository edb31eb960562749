#pragma once
// Reads the image lists of a release.

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Reads an image list with one image per line. Throws c10::Error naming file and line if an image is
/// duplicated or does not have the form <class>\<number>_<id>.jpg; names the file if it is empty.
std::vector<RawImage> read_images(const std::string& path);

/// Formats the position of list entry `row` as "<file>:<line>". Reads the file again, because faults are
/// rare.
std::string where_is(const std::string& path, std::size_t row);

/// An image's split and its row there.
struct Place {
  RawSplit* split = nullptr;  ///< null if the image is in neither split
  std::size_t row = 0;
};

/// Finds the split and row for each image in the complete list. Throws c10::Error naming file and line if an
/// image of a split is not in the complete list. `in_no_split` receives the number of images that are in
/// neither split.
std::vector<Place> places_of(const std::string& whole, RawSplit& train, const std::string& train_list,
                             RawSplit& test, const std::string& test_list, std::size_t* in_no_split);

/// Returns one place per row for a split's own list, in row order.
std::vector<Place> places_of(RawSplit& split);

/// Checks that the splits are disjoint. Throws c10::Error naming file and line of an image that is in both.
void check_apart(const RawSplit& train, const std::string& train_list, const RawSplit& test,
                 const std::string& test_list);

}  // namespace mkt::nus_wide
