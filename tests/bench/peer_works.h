#pragma once
// Work that peers/*.py request by name. Each kind reads its inputs from a folder that they write.

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>

namespace mkt::bench {

/// Functions by the name of the work.
using Work = std::map<std::string, std::function<void()>>;

/// Decoding and samples: decode, eval, train, "eval fast", "train, 0 workers", "train, 2 workers". Input:
/// FOLDER/list, one image path per line. check writes the evaluation samples, exact and fast, as uint8
/// (N, S, S, 3) to FOLDER/exact.raw and FOLDER/fast.raw.
Work data_work(const std::string& folder);
/// AP and F1: ap. Input: FOLDER/shape with "N C", scores.raw float32 (N, C), labels.raw int8 (N, C). check
/// writes the AP of every class, then F1, as float64 to FOLDER/ours.raw.
Work ap_work(const std::string& folder);
/// The vision encoder: encode, products. Input: FOLDER/clip.pth, images.raw float32 (B, 3, H, H). check
/// writes float32 (B, T, D) to FOLDER/ours.raw.
Work encode_work(const std::string& folder);

/// A stage-1 step: step, products. Input: FOLDER/clip.pth, student.pth, given.pth with images (B, 3, H, H),
/// labels int8 (B, C) and label_features (C, D). check makes the first two steps and writes their losses as
/// float64 to FOLDER/ours.raw.
Work stage1_work(const std::string& folder);
/// A stage-2 step, as stage1_work; instead of label_features, FOLDER/labels.txt has one label per line.
Work stage2_work(const std::string& folder);
/// Decoding, encoding and scoring: eval, products. Input: FOLDER/clip.pth, student.pth, list with one image
/// path per line, given.pth with label_features (S + U, D) and unseen (U). check writes the scores of all
/// labels as float32 (N, S + U) to FOLDER/ours.raw.
Work eval_work(const std::string& folder);

/// The bytes of a file; throws c10::Error if it cannot be read.
std::string read_file(const std::string& path);
/// Writes the elements of `tensor` in row-major order.
void write_file(const std::string& path, const torch::Tensor& tensor);

}  // namespace mkt::bench
