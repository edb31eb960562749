#pragma once
// The lists of a release: labels, and pictures.

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// A list of labels, one a line. Throws c10::Error naming file and line where one stands twice, or the file
/// where it has none.
std::vector<std::string> read_labels(const std::string& path);

/// A list of pictures, one a line. Throws c10::Error naming file and line where one is not
/// <class>\<number>_<id>.jpg or stands twice, or the file where it has none.
std::vector<RawPicture> read_pictures(const std::string& path);

/// "<file>:<line>" of a list's entry. Reads the file again: faults are rare.
std::string where_is(const std::string& path, std::size_t row);

/// Where the pictures of both splits are, by name.
struct Place {
  RawSplit* split = nullptr;  ///< none: in neither
  std::size_t row = 0;
};

/// The places of a whole list's pictures. Throws c10::Error naming file and line of a split's picture that
/// the whole list has not. `in_no_split` counts pictures that no split has.
std::vector<Place> places_of(const std::string& whole, RawSplit& train, const std::string& train_list,
                             RawSplit& test, const std::string& test_list, std::size_t* in_no_split);

/// The places of a split's own list: its rows in order.
std::vector<Place> places_of(RawSplit& split);

/// Throws c10::Error naming file and line of a picture that both splits have.
void check_apart(const RawSplit& train, const std::string& train_list, const RawSplit& test,
                 const std::string& test_list);

}  // namespace mkt::nus_wide
