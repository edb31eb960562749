#pragma once
// Tagging pictures with any labels.

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

/// Tags each image the options name and hands it to `emit`, in order. Folders are searched for pictures,
/// "-" reads paths from `list`. Scores are those of `eval` on the same labels: L2-normalised over all of
/// them. Throws c10::Error naming the file or flag, before any picture is read where that can be known.
/// Returns how many pictures could not be read (with --on-bad-image skip).
std::int64_t tag_images(const InferOptions& options, std::istream& list,
                        const std::function<void(const TaggedImage&)>& emit);

/// Picture files that `arguments` name: files as they are, folders searched to the bottom (by extension, in
/// alphabetical order), "-" as the lines of `list`. Throws c10::Error where one does not exist or a folder
/// holds none.
std::vector<std::string> find_pictures(const std::vector<std::string>& arguments, std::istream& list);

}  // namespace mkt::tagging
