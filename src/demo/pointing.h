#pragma once
// The pointing game: does the patch that speaks loudest for a label lie on the labelled object? Source: Zhang
// et al., arXiv 1608.00507.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <string>

#include "demo/options.h"

namespace mkt::demo {

/// patches (B, P, D) of a square grid, labels (B, D): for each image the patch with the highest product, (B)
/// int64.
torch::Tensor brightest_patches(const torch::Tensor& patches, const torch::Tensor& labels);

/// Over the pictures of one object that `options.data_path` tests on: the share in which the brightest patch
/// for the object's shape is the one that the object's middle lies in. {"pictures", "hits" (a share),
/// "unseen":
/// {"pictures", "hits"}} where the latter are those whose shape is no seen label. Writes options.json too.
/// Throws c10::Error naming truth_test.jsonl where that is missing or a picture has several objects.
nlohmann::ordered_json measure_pointing(const PointingOptions& options);

}  // namespace mkt::demo
