#pragma once
// The pointing game: does the patch with the highest score for a label lie on the labelled object? Source:
// Zhang et al., arXiv 1608.00507.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <string>

#include "demo/options.h"

namespace mkt::demo {

/// patches (B, P, D), labels (B, D) → (B) int64: for each image, the patch with the highest product.
torch::Tensor brightest_patches(const torch::Tensor& patches, const torch::Tensor& labels);

/// Plays the game on the test images of `options.data_path`, which show one object each. A hit: the patch
/// with the highest product for the object's shape contains the object's centre. Returns {"pictures", "hits"
/// (the share of images), "unseen": {"pictures", "hits"}}, the latter for shapes that are unseen labels, and
/// writes it to options.json. Throws c10::Error naming truth_test.jsonl if it is missing or an image has
/// several objects.
nlohmann::ordered_json measure_pointing(const PointingOptions& options);

}  // namespace mkt::demo
