#pragma once
// Pictures with labels by name into a manifest's files.

#include <string>
#include <vector>

#include "mkt/prepare/manifest_options.h"

namespace mkt::prepare {

struct LabelledPicture {
  std::string image;  ///< relative to the folder of the pictures
  std::vector<std::string> present;
  std::vector<std::string> absent;
  std::string split;  ///< "train", "test", or "": drawn
  std::string where;  ///< in the source, for messages
};

/// Writes the manifest (manifest_import.h says which files); `images` is the folder of the pictures. Returns
/// the counts on one line. Throws c10::Error naming the place of what does not fit: a picture that is not
/// there, a label that is in no list or named twice.
std::string write_manifest(const ManifestOptions& options, const std::string& images,
                           std::vector<LabelledPicture> pictures);

}  // namespace mkt::prepare
