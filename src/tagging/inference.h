#pragma once
// Tags images with labels.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// A label of an image, with its score.
struct ScoredLabel {
  std::string label;
  double score = 0;
  std::optional<double> probability = {};  ///< calibrated; nullopt without a calibration
};

/// An image and its labels.
struct TaggedImage {
  std::string image;                ///< path of the image file, as passed or found in a folder
  std::vector<ScoredLabel> labels;  ///< highest score first
};

/// Tags the images that options.image_path names (see find_images) and passes each to `emit`, in order. An
/// image gets the `top` best labels with scores of at least `min_score` or, with thresholds, every label that
/// reaches its threshold. Scores are the GZSL scores of `eval` for the same labels. Throws c10::Error or
/// ValueError naming the invalid file or option, if possible before an image is read. Returns the number of
/// images that could not be read and were skipped.
std::int64_t tag_images(const InferOptions& options, std::istream& list,
                        const std::function<void(const TaggedImage&)>& emit);

/// Expands `arguments` to image paths: a file is used as it is, a folder is searched recursively for image
/// files (by extension; sorted by path), and "-" reads paths from `list`, one per line. Throws c10::Error if
/// a path does not exist, or if a folder or `list` names no images.
std::vector<std::string> find_images(const std::vector<std::string>& arguments, std::istream& list);

}  // namespace mkt::tagging
