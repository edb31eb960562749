#pragma once
// Benchmark tasks that peers/*.py request by name. Each set of tasks reads its inputs from a folder written
// by peers/*.py.

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>

namespace mkt::bench {

/// Benchmark functions keyed by task name.
using Work = std::map<std::string, std::function<void()>>;

/// Image decoding and sample preparation. Tasks: decode, eval, train, "eval fast", "train, 0 workers",
/// "train, 2 workers". Input: FOLDER/list, one image path per line. The task "check" writes the evaluation
/// samples, exact and fast, as uint8 (N, S, S, 3) to FOLDER/exact.raw and FOLDER/fast.raw.
Work data_work(const std::string& folder);
/// AP and F1. Task: ap. Input: FOLDER/shape with "N C", scores.raw float32 (N, C), labels.raw int8 (N, C).
/// The task "check" writes the AP per class, then F1, as float64 to FOLDER/ours.raw.
Work ap_work(const std::string& folder);
/// Vision encoder. Tasks: encode, products. Input: FOLDER/clip.pth, images.raw float32 (B, 3, H, H). The task
/// "check" writes the tokens as float32 (B, T, D) to FOLDER/ours.raw.
Work encode_work(const std::string& folder);

/// Stage-1 step. Tasks: step, products. Input: FOLDER/clip.pth, student.pth, given.pth with images (B, 3, H,
/// H), labels int8 (B, C) and label_features (C, D). The task "check" runs the first two steps and writes
/// their losses as float64 to FOLDER/ours.raw.
Work stage1_work(const std::string& folder);
/// Stage-2 step; tasks and files as in stage1_work, but FOLDER/labels.txt (one label per line) replaces
/// label_features.
Work stage2_work(const std::string& folder);
/// Evaluation: decoding, encoding and scoring. Tasks: eval, products. Input: FOLDER/clip.pth, student.pth,
/// list with one image path per line, given.pth with label_features (S + U, D) and unseen (U). The task
/// "check" writes the scores for all labels as float32 (N, S + U) to FOLDER/ours.raw.
Work eval_work(const std::string& folder);

/// Reads a file as bytes; throws c10::Error if it cannot be read.
std::string read_file(const std::string& path);
/// Writes the elements of `tensor` to a file in row-major order.
void write_file(const std::string& path, const torch::Tensor& tensor);

}  // namespace mkt::bench
