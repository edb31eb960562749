#pragma once
// Decodes image files to check whether they are readable and complete.

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::check {

enum class ImageState {
  kWhole,
  kCutShort,     ///< can be decoded, but the file is truncated or damaged
  kUnavailable,  ///< looks like Flickr's "photo unavailable" notice
  kBroken,       ///< cannot be decoded, so training cannot read it
  kMissing,      ///< the file does not exist
};

struct ImageFacts {
  ImageState state = ImageState::kMissing;
  std::string sha256;  ///< SHA-256 digest of the file; "" for a missing file
  std::string reason;  ///< reason why a broken image cannot be decoded, on one line
};

/// Examines one file; uses the same decoder as training. Thread-safe.
ImageFacts examine_image(const std::string& path);

/// Examines files on `workers` threads and shows progress. Writes the results to the file `journal` (JSON
/// lines; "": no journal) and reuses the results for files with unchanged size and modification time, so that
/// a run after a crash continues where the last one stopped. At the end the journal is rewritten in the order
/// of `paths`. An empty path counts as a missing image.
std::vector<ImageFacts> examine_images(const std::vector<std::string>& paths, const std::string& journal,
                                       int workers);

/// Returns whether a JPEG or PNG file includes the end of its image. Returns true for other formats.
bool reaches_end(const std::string& bytes);

}  // namespace mkt::check

template <>
struct mkt::Names<mkt::check::ImageState> {
  static constexpr NameTable<check::ImageState, 5> kTable{{{check::ImageState::kWhole, "whole"},
                                                           {check::ImageState::kCutShort, "cut_short"},
                                                           {check::ImageState::kUnavailable, "unavailable"},
                                                           {check::ImageState::kBroken, "broken"},
                                                           {check::ImageState::kMissing, "missing"}}};
};
