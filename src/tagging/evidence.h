#pragma once
// Pictures that show which patches spoke for the labels that infer prints.

#include "mkt/torch.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tagging/inference.h"

namespace mkt::tagging {

/// `text` as a part of a file's name: letters, digits, '-' and '.' of ASCII stay, runs of others become one
/// '_'; at most 48 characters, never empty.
std::string safe_name(const std::string& text);

/// A picture (S, S, 3) uint8, enlarged to at least 384 pixels, with the brightest patch of each of the first
/// labels outlined and numbered, and below it the labels with their scores. products (k, P), of the labels in
/// order.
torch::Tensor annotated_picture(const torch::Tensor& image, const torch::Tensor& products,
                                const std::vector<ScoredLabel>& labels);

/// Writes what --heatmap and --annotate ask for.
class EvidenceWriter {
 public:
  /// labels: C, whose features are label_features (C, D). Empty folders in the options: nothing is written.
  EvidenceWriter(const InferOptions& options, const std::vector<std::string>& labels,
                 torch::Tensor label_features);

  /// One picture: its place in the list, (3, S, S) uint8 as the encoder saw it, its patches' features (P, D).
  /// Files are named <place>_<picture>_<rank>_<label>.png and <place>_<picture>.png, places and ranks counted
  /// from 1. Throws c10::Error naming the file that cannot be written.
  void write(const TaggedImage& tagged, std::int64_t index, const torch::Tensor& image,
             const torch::Tensor& patches);

 private:
  std::string heatmaps_;
  std::string annotations_;
  std::map<std::string, std::int64_t> places_;
  torch::Tensor label_features_;
};

}  // namespace mkt::tagging
