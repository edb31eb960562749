#pragma once
// Decodes image files to find out whether they are readable and complete.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::check {

enum class ImageState {
  kWhole,
  kCutShort,     ///< decodes, but the file ends before the image does
  kUnavailable,  ///< looks like Flickr's "photo unavailable" notice
  kBroken,       ///< cannot be decoded, so training cannot read it
  kMissing,      ///< has no file
};

/// "whole", "cut_short", "unavailable", "broken", "missing".
const char* state_name(ImageState state);

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
