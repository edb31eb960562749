#pragma once
// Pre-trains the demo's small CLIP on captioned images of the demo's world.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "demo/options.h"
#include "mkt/text/tokenizer.h"

namespace mkt::demo {

/// Maps CLIP's token ids to the few rows of the token embedding that the captions need, so that the table has
/// about a hundred rows during training, not 49,408.
class Vocabulary {
 public:
  explicit Vocabulary(const text::Tokenizer& tokenizer);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  /// ids (N, L) int64 of the tokenizer → ids below size(). The order is kept, so the end token stays the
  /// largest. Throws c10::Error for a word that no caption has.
  torch::Tensor small(const torch::Tensor& ids) const;
  /// table (size(), W) → (vocabulary, W), with zeros for all other tokens.
  torch::Tensor full_table(const torch::Tensor& table) const;

 private:
  std::int64_t full_size_;
  std::vector<std::int64_t> rows_;  // ascending
};

/// Draws images, pre-trains a CLIP on them and writes it to `options.output` as safetensors in half precision
/// with OpenAI's names. Returns the path.
std::string pretrain_clip(const PretrainingOptions& options);

}  // namespace mkt::demo
