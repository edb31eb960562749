#pragma once
// Draws heat maps and annotated images that show the patches contributing most to a label's score.

#include "mkt/torch.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tagging/inference.h"

namespace mkt::tagging {

/// Makes a part of a file name from `text`: keeps ASCII letters, digits, '-' and '.', and replaces each run
/// of other bytes with one underscore. The result has 1 to 48 characters.
std::string safe_name(const std::string& text);

/// Draws `image` (S, S, 3) uint8, enlarged to at least 384 pixels per side, and below it a list of the labels
/// with their scores. The brightest patch of each of the first six labels is outlined and numbered.
/// `products` (k, P): dot products of the k labels, in their order, with the patches. Returns (H, W, 3)
/// uint8.
torch::Tensor annotated_image(const torch::Tensor& image, const torch::Tensor& products,
                              const std::vector<ScoredLabel>& labels);

/// Writes heat maps and annotated images as PNG files.
class EvidenceWriter {
 public:
  /// `heatmaps` and `annotations` are output folders; an empty name disables that output. label_features (C,
  /// D) belong to the C `labels`. If images are annotated, warns of characters that no installed font has;
  /// throws c10::Error if there is no font.
  EvidenceWriter(std::string heatmaps, std::string annotations, const std::vector<std::string>& labels,
                 torch::Tensor label_features);

  /// Writes the files of one image: `index` is its position in the list of images, `image` (3, S, S) uint8
  /// its pixels as the encoder saw them, `patches` (P, D) its patch features. Heat maps are named
  /// <number>_<image>_<rank>_<label>.png, annotated images <number>_<image>.png; numbers and ranks start
  /// at 1. Throws c10::Error naming a file that cannot be written.
  void write(const TaggedImage& tagged, std::int64_t index, const torch::Tensor& image,
             const torch::Tensor& patches);

 private:
  std::string heatmaps_;
  std::string annotations_;
  std::map<std::string, std::int64_t> places_;  // label → row in label_features_
  torch::Tensor label_features_;
};

}  // namespace mkt::tagging
