#pragma once
// CLIP's text transformer.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/weights.h"
#include "mkt/nn/layers.h"
#include "mkt/nn/transformer.h"

namespace mkt::clip {

/// Token embedding: a table (vocabulary, W), uninitialised.
class TokenEmbeddingImpl : public torch::nn::Module {
 public:
  TokenEmbeddingImpl(std::int64_t vocabulary, std::int64_t width);
  torch::Tensor forward(const torch::Tensor& ids) const;  // (…) int64 → (…, W)

  torch::Tensor weight;
};
TORCH_MODULE(TokenEmbedding);

/// Finds the position of each text's end token, which has the largest id: ids (N, L) → (N) int64.
torch::Tensor end_positions(const torch::Tensor& ids);

/// CLIP's text encoder. Parameters are named as in OpenAI's state dict. Attention is causal, so the encoder
/// stops at the last end token of the batch: later positions cannot influence the result.
class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(TextOptions options);

  torch::Tensor embed(const torch::Tensor& ids) const;  // (N, L) int64 → (N, L, W), without positions
  /// Adds the first L positional embeddings to `embeddings` (N, L, W). Throws ValueError if L exceeds the
  /// context.
  torch::Tensor add_positions(const torch::Tensor& embeddings) const;
  /// Runs blocks [first_block, last_block): tokens (N, L, W) → (N, L, W).
  torch::Tensor run(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// Applies ln_final and the projection to each text's end token: tokens (N, L, W), ends (N) int64 → (N, D),
  /// not normalised.
  torch::Tensor finish(const torch::Tensor& tokens, const torch::Tensor& ends) const;

  /// Encodes texts: ids (N, L) int64 → (N, D), not normalised.
  torch::Tensor encode(const torch::Tensor& ids) const;
  /// Encodes learned prompts from their token embeddings (N, L, W), with end positions (N) int64 → (N, D),
  /// not normalised.
  torch::Tensor encode_embeddings(const torch::Tensor& embeddings, const torch::Tensor& ends) const;

  TextOptions options;
  TokenEmbedding token_embedding{nullptr};
  torch::Tensor positional_embedding;  // (context, W)
  torch::Tensor text_projection;       // (W, D)
  nn::Transformer transformer{nullptr};
  nn::LayerNorm ln_final{nullptr};
};
TORCH_MODULE(TextEncoder);

/// Makes the text encoder. Throws c10::Error naming the weights' file and a tensor with a value that is not
/// finite.
TextEncoder make_text_encoder(const Weights& weights);

}  // namespace mkt::clip
