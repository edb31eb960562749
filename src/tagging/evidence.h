#pragma once
// Heat maps and annotated images of the patches that contribute most to a label's score.

#include "mkt/torch.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tagging/inference.h"

namespace mkt::tagging {

/// `text` as part of a file name: ASCII letters, digits, '-' and '.' stay, runs of others become one '_'; at
/// most 48 characters, never empty.
std::string safe_name(const std::string& text);

/// The image (S, S, 3) uint8 enlarged to at least 384 pixels, with the brightest patch of each of the first
/// labels outlined and numbered, and below it the labels with their scores. products (k, P): of the labels,
/// in order.
torch::Tensor annotated_picture(const torch::Tensor& image, const torch::Tensor& products,
                                const std::vector<ScoredLabel>& labels);

/// Writes heat maps and annotated images.
class EvidenceWriter {
 public:
  /// `heatmaps`, `annotations`: folders; empty: none are written. label_features (C, D) of the C labels.
  EvidenceWriter(std::string heatmaps, std::string annotations, const std::vector<std::string>& labels,
                 torch::Tensor label_features);

  /// One image: its index in the list, its pixels (3, S, S) uint8 as the encoder saw them, its patches'
  /// features (P, D). Files are named <place>_<image>_<rank>_<label>.png and <place>_<image>.png, places and
  /// ranks counted from
  /// 1. Throws c10::Error naming the file that cannot be written.
  void write(const TaggedImage& tagged, std::int64_t index, const torch::Tensor& image,
             const torch::Tensor& patches);

 private:
  std::string heatmaps_;
  std::string annotations_;
  std::map<std::string, std::int64_t> places_;
  torch::Tensor label_features_;
};

}  // namespace mkt::tagging
