#pragma once
// Reads the image lists of a release.

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Reads an image list with one image per line. Throws c10::Error naming file and line of an image that is
/// duplicated or not of the form <class>\<number>_<id>.jpg, or the file if it is empty.
std::vector<RawImage> read_images(const std::string& path);

/// "<file>:<line>" of entry `row` of a list. Reads the file again, because faults are rare.
std::string where_is(const std::string& path, std::size_t row);

/// The row of an image in its split.
struct Place {
  RawSplit* split = nullptr;  ///< null if the image is in neither split
  std::size_t row = 0;
};

/// The places of the images in the whole list. Throws c10::Error naming file and line of a split's image that
/// the whole list lacks. `in_no_split` receives the number of images that are in neither split.
std::vector<Place> places_of(const std::string& whole, RawSplit& train, const std::string& train_list,
                             RawSplit& test, const std::string& test_list, std::size_t* in_no_split);

/// The places of a split's own list: its rows in order.
std::vector<Place> places_of(RawSplit& split);

/// Throws c10::Error naming file and line of an image that is in both splits.
void check_apart(const RawSplit& train, const std::string& train_list, const RawSplit& test,
                 const std::string& test_list);

}  // namespace mkt::nus_wide
