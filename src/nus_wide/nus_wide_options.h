#pragma once
// Options of `prepare nus-wide`.

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::nus_wide {

/// Handling of an image with a fault: keep it, drop it, or stop with an error.
enum class Rule { kKeep, kDrop, kError };
/// How images are placed in the data set: by symbolic link, hard link or copy.
enum class LinkKind { kSymbolic, kHard, kCopy };
/// Source of a test image's 81 concept labels: human annotations or the image's tags.
enum class TestLabels { kHuman, kTags };

struct NusWideImportOptions {
  std::string raw;       ///< folder with the unpacked release
  std::string out;       ///< output folder: new, empty, or written by an earlier run
  std::string pictures;  ///< folder with the images; empty: the folder Flickr or images in `raw`
  TestLabels test_labels;
  Rule missing;
  Rule broken;
  Rule unavailable;  ///< Flickr's "photo unavailable" notice in place of a photo
  Rule cut_short;
  Rule unlabelled;
  std::vector<std::string> unavailable_like;  ///< files; images with the same bytes count as unavailable
  LinkKind link;
  std::int64_t workers;
};

}  // namespace mkt::nus_wide

template <>
struct mkt::Names<mkt::nus_wide::Rule> {
  static constexpr NameTable<nus_wide::Rule, 3> kTable{
      {{nus_wide::Rule::kKeep, "keep"}, {nus_wide::Rule::kDrop, "drop"}, {nus_wide::Rule::kError, "error"}}};
};

template <>
struct mkt::Names<mkt::nus_wide::LinkKind> {
  static constexpr NameTable<nus_wide::LinkKind, 3> kTable{{{nus_wide::LinkKind::kSymbolic, "symbolic"},
                                                            {nus_wide::LinkKind::kHard, "hard"},
                                                            {nus_wide::LinkKind::kCopy, "copy"}}};
};

template <>
struct mkt::Names<mkt::nus_wide::TestLabels> {
  static constexpr NameTable<nus_wide::TestLabels, 2> kTable{
      {{nus_wide::TestLabels::kHuman, "human"}, {nus_wide::TestLabels::kTags, "tags"}}};
};
