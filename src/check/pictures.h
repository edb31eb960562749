#pragma once
// What picture files are worth, found out by decoding every one.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::check {

enum class PictureState {
  kWhole,
  kCutShort,     ///< decodes, but the file ends before the picture does
  kUnavailable,  ///< Flickr's "photo unavailable" picture, by its looks (looks_unavailable)
  kBroken,       ///< training cannot read it
  kMissing,      ///< there is no file
};

/// "whole", "cut_short", "unavailable", "broken", "missing".
const char* state_name(PictureState state);

struct PictureFacts {
  PictureState state = PictureState::kMissing;
  std::string sha256;  ///< of the file's bytes; "" where it is missing
  std::string reason;  ///< of a broken picture, one line
};

/// Reads and decodes one file as training does. Thread-safe.
PictureFacts examine_picture(const std::string& path);

/// The same for many, on `workers` threads, with progress in the log. Facts are kept in `journal` (JSON
/// lines;
/// "": nowhere): what it says of a file of the same size and time of change is taken, so that a run after a
/// crash goes on where that one stopped. At the end the journal is put into the order of `paths`. An empty
/// path is a missing picture.
std::vector<PictureFacts> examine_pictures(const std::vector<std::string>& paths, const std::string& journal,
                                           int workers);

/// Whether the bytes of a JPEG or PNG file reach the end of its picture. What is neither counts as whole.
bool reaches_end(const std::string& bytes);

}  // namespace mkt::check
