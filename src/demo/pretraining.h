#pragma once
// The demo's small CLIP, pre-trained on captioned pictures of the demo's world.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "demo/options.h"
#include "mkt/text/tokenizer.h"

namespace mkt::demo {

/// The few rows of CLIP's token table that the world's words need. The others are never trained: without
/// them the table is a hundred rows, not 49,408.
class Vocabulary {
 public:
  explicit Vocabulary(const text::Tokenizer& tokenizer);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  /// ids (N, L) int64 of the tokenizer → ids below size(), in the same order: the end token stays the
  /// largest. Throws c10::Error for a word that is not of the world.
  torch::Tensor small(const torch::Tensor& ids) const;
  /// table (size(), W) → (vocabulary, W), zero where no word of the world is.
  torch::Tensor full_table(const torch::Tensor& table) const;

 private:
  std::int64_t full_size_;
  std::vector<std::int64_t> rows_;  // ascending
};

/// Draws pictures, pre-trains a CLIP on them and writes it to `options.output`: safetensors, half precision,
/// OpenAI's names. Returns the path.
std::string pretrain_clip(const PretrainingOptions& options);

}  // namespace mkt::demo
