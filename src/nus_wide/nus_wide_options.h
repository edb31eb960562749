#pragma once
// What a user can set of `prepare nus-wide`, with its defaults.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::nus_wide {

struct NusWideImportOptions {
  std::string raw;       ///< folder of the unpacked release
  std::string out;       ///< folder in the NUS-WIDE layout: new, empty, or of an earlier run
  std::string pictures;  ///< folder of the pictures; empty: Flickr or images in `raw`
  // Whose word the 81 concepts of a test picture are: people's ("human") or its tags' ("tags").
  std::string test_labels = "human";
  // What becomes of a picture by its kind: "keep" or "drop", or "error" where the run ends instead.
  std::string missing = "drop";
  std::string broken = "drop";
  std::string unavailable = "drop";  ///< Flickr's grey picture in place of a photo
  std::string cut_short = "keep";
  std::string unlabelled = "keep";
  std::vector<std::string> unavailable_like;  ///< files: pictures of the same bytes are unavailable too
  std::string link = "symbolic";              ///< how pictures get into `out`: symbolic, hard or copy
  std::int64_t workers = 8;
};

}  // namespace mkt::nus_wide
