#pragma once
// Options of `prepare nus-wide`.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::nus_wide {

struct NusWideImportOptions {
  std::string raw;       ///< folder with the unpacked release
  std::string out;       ///< folder to write: new, empty, or of an earlier run
  std::string pictures;  ///< folder with the images; empty: Flickr or images in `raw`
  // Source of the 81 concepts of a test image: people ("human") or its tags ("tags").
  std::string test_labels = "human";
  // What to do with an image of each kind: "keep" it, "drop" it, or stop with an "error".
  std::string missing = "drop";
  std::string broken = "drop";
  std::string unavailable = "drop";  ///< Flickr's notice in place of a photo
  std::string cut_short = "keep";
  std::string unlabelled = "keep";
  std::vector<std::string> unavailable_like;  ///< files: images with the same bytes count as unavailable, too
  std::string link = "symbolic";              ///< how images get into `out`: symbolic, hard or copy
  std::int64_t workers = 8;
};

}  // namespace mkt::nus_wide
