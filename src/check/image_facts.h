#pragma once
// Decodes image files to find out whether they are readable and complete.

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::check {

enum class ImageState {
  kWhole,
  kCutShort,     ///< decodes, but the file ends before the image does
  kUnavailable,  ///< looks like Flickr's "photo unavailable" notice
  kBroken,       ///< cannot be decoded, so training cannot read it
  kMissing,      ///< has no file
};

struct ImageFacts {
  ImageState state = ImageState::kMissing;
  std::string sha256;  ///< digest of the file's bytes; "" for a missing file
  std::string reason;  ///< why a broken image cannot be read, on one line
};

/// Examines one file; decodes it as training does. Thread-safe.
ImageFacts examine_image(const std::string& path);

/// Examines many files on `workers` threads and shows the progress. Keeps the facts in the file `journal`
/// (JSON lines;
/// "": none) and reuses them for files of unchanged size and modification time, so that a run after a crash
/// continues where the last one stopped. At the end the journal is rewritten in the order of `paths`. An
/// empty path counts as a missing image.
std::vector<ImageFacts> examine_images(const std::vector<std::string>& paths, const std::string& journal,
                                       int workers);

/// Whether the bytes of a JPEG or PNG file include the end of its image. True for other formats.
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
