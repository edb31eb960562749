#pragma once
// Pre-trains the demo's small CLIP on captioned images drawn by the demo.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "demo/options.h"
#include "mkt/text/tokenizer.h"

namespace mkt::demo {

/// Maps CLIP's token ids to a compact range that covers the captions' tokens only, so that the token
/// embedding has about a hundred rows during training instead of 49,408.
class Vocabulary {
 public:
  Vocabulary(const text::Tokenizer& tokenizer, WorldKind world);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  /// Maps token ids (N, L) int64 to ids below size(). The order is kept, so the end token is still the
  /// largest id. Throws c10::Error for a token that does not occur in captions.
  torch::Tensor small(const torch::Tensor& ids) const;
  /// Expands a token embedding: table (size(), W) → (full vocabulary, W), with zeros for all other tokens.
  torch::Tensor full_table(const torch::Tensor& table) const;

 private:
  std::int64_t full_size_;
  std::vector<std::int64_t> rows_;  // original token ids, ascending
};

/// Draws images of a world, pre-trains a CLIP on them and writes it to `options.output` as half-precision
/// safetensors with OpenAI's names. Returns the path.
std::string pretrain_clip(const PretrainingOptions& options);

}  // namespace mkt::demo
