#pragma once
// Work that peers/*.py ask for by name, each made of a folder that they filled.

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>

namespace mkt::bench {

using Work = std::map<std::string, std::function<void()>>;

/// FOLDER/list names pictures, one a line: decode, eval, train; check writes the first one's evaluation
/// sample to FOLDER/ours.raw.
Work data_work(const std::string& folder);
/// FOLDER/shape holds "N C", scores.raw float32 and labels.raw int8 (N, C): ap; check writes AP, then F1, as
/// float64 to FOLDER/ours.raw.
Work ap_work(const std::string& folder);
/// FOLDER/clip.pth holds a vision encoder, images.raw float32 (B, 3, H, H): encode, products; check writes
/// (B, T, D) float32 to FOLDER/ours.raw.
Work encode_work(const std::string& folder);

/// FOLDER/clip.pth, student.pth, given.pth with images (B, 3, H, H), labels (B, C) int8 and label_features
/// (C, D): step, products; check makes the first two steps and writes their losses as float64 to
/// FOLDER/ours.raw.
Work stage1_work(const std::string& folder);
/// The same without label_features; FOLDER/labels.txt has the labels, one a line.
Work stage2_work(const std::string& folder);
/// FOLDER/clip.pth, student.pth, list with pictures, given.pth with label_features (S + U, D) and unseen (U):
/// eval, products; check writes the scores over all labels (N, S + U) float32 to FOLDER/ours.raw.
Work eval_work(const std::string& folder);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const torch::Tensor& tensor);

}  // namespace mkt::bench
