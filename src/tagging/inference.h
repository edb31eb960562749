#pragma once
// Tags images with any labels.

#include <functional>
#include <string>
#include <vector>

#include "tagging/tagger_options.h"

namespace mkt::tagging {

struct ScoredLabel {
  std::string label;
  double score = 0;
};

struct TaggedImage {
  std::string image;                ///< path as given or found
  std::vector<ScoredLabel> labels;  ///< best first
};

/// Tags each image that the options name and hands it to `emit`, in order. Folders are searched for images,
/// "-" reads paths from `list`. Scores are those of `eval` on the same labels: L2-normalised over all of
/// them. Throws c10::Error naming the file or option, before any image is read if that can be known. Returns
/// the number of images that could not be read (and were skipped).
std::int64_t tag_images(const InferOptions& options, std::istream& list,
                        const std::function<void(const TaggedImage&)>& emit);

/// The image files that `arguments` name: files as they are, folders searched recursively (by extension, in
/// alphabetical order), "-" as the lines of `list`. Throws c10::Error if one does not exist or a folder holds
/// none.
std::vector<std::string> find_images(const std::vector<std::string>& arguments, std::istream& list);

}  // namespace mkt::tagging
