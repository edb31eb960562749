#pragma once
// CLIP's text transformer.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/weights.h"
#include "mkt/nn/layers.h"
#include "mkt/nn/transformer.h"

namespace mkt::clip {

struct TextOptions {
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;    ///< maximum number of tokens per text
  std::int64_t width = 0;      ///< W, the width of the tokens
  std::int64_t layers = 0;     ///< number of blocks
  std::int64_t embed_dim = 0;  ///< D, the width shared with image features

  std::int64_t heads() const { return width / 64; }
};

/// Sizes of the text encoder in `weights` (OpenAI's names). Throws c10::Error naming `file` if a tensor is
/// missing or the shapes do not fit together.
TextOptions text_options(const TensorMap& weights, const std::string& file = "CLIP weights");

/// Embedding table (vocabulary, W), uninitialised.
class TokenEmbeddingImpl : public torch::nn::Module {
 public:
  TokenEmbeddingImpl(std::int64_t vocabulary, std::int64_t width);
  torch::Tensor forward(const torch::Tensor& ids) const;  // (…) int64 → (…, W)

  torch::Tensor weight;
};
TORCH_MODULE(TokenEmbedding);

/// Position of each text's end token: ids (N, L) → (N) int64. The end token has the largest id.
torch::Tensor end_positions(const torch::Tensor& ids);

/// Parameters are named as in OpenAI's state dict. Attention is causal, so the encoder stops at the last end
/// token of the batch: later positions cannot influence the result.
class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(TextOptions options);

  torch::Tensor embed(const torch::Tensor& ids) const;  // (N, L) int64 → (N, L, W), without positions
  /// embeddings (N, L, W) plus the first L positions. Throws ValueError if L exceeds the context.
  torch::Tensor add_positions(const torch::Tensor& embeddings) const;
  /// Blocks [first_block, last_block).
  torch::Tensor run(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// tokens (N, L, W), ends (N) int64 → (N, D): ln_final and projection of each text's end token, not
  /// normalised.
  torch::Tensor finish(const torch::Tensor& tokens, const torch::Tensor& ends) const;

  /// ids (N, L) int64 → (N, D).
  torch::Tensor encode(const torch::Tensor& ids) const;
  /// Encodes token embeddings (N, L, W) with ends (N) int64 → (N, D), for prompts that are learned.
  torch::Tensor encode_embeddings(const torch::Tensor& embeddings, const torch::Tensor& ends) const;

  TextOptions options;
  TokenEmbedding token_embedding{nullptr};
  torch::Tensor positional_embedding;  // (context, W)
  torch::Tensor text_projection;       // (W, D)
  nn::Transformer transformer{nullptr};
  nn::LayerNorm ln_final{nullptr};
};
TORCH_MODULE(TextEncoder);

/// Makes the text encoder from `weights` (OpenAI's names). Throws c10::Error naming `file`.
TextEncoder make_text_encoder(const TensorMap& weights, const std::string& file);

}  // namespace mkt::clip
