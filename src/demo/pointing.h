#pragma once
// The pointing game: measures how often the patch with the highest score for a label is on the labelled
// object. Source: Zhang et al., arXiv 1608.00507.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <string>

#include "demo/options.h"

namespace mkt::demo {

/// Finds the patch with the highest dot product per image: patches (B, P, D), labels (B, D) → patch indices
/// (B) int64.
torch::Tensor brightest_patches(const torch::Tensor& patches, const torch::Tensor& labels);

/// Runs the pointing game on the test images in `options.data_path`, which show one object each. An image is
/// a hit if the patch with the highest dot product for the object's shape contains the object's centre.
/// Returns {"pictures", "hits" (share of the images), "unseen": {"pictures", "hits"}}, where "unseen" covers
/// the shapes that are unseen labels, and writes it to options.json. Throws c10::Error naming
/// truth_test.jsonl if it is missing or an image has several objects.
nlohmann::ordered_json measure_pointing(const PointingOptions& options);

}  // namespace mkt::demo
