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
  std::int64_t context = 0;  ///< most tokens of a text
  std::int64_t width = 0;
  std::int64_t layers = 0;
  std::int64_t embed_dim = 0;  ///< D, joint with images

  std::int64_t heads() const { return width / 64; }
};

/// Sizes of the text side of weights with OpenAI's names. Throws c10::Error naming `file` where they do not
/// fit together.
TextOptions text_options(const TensorMap& weights, const std::string& file = "CLIP weights");

/// token_embedding.weight (vocabulary, W), uninitialised.
class TokenEmbeddingImpl : public torch::nn::Module {
 public:
  TokenEmbeddingImpl(std::int64_t vocabulary, std::int64_t width);
  torch::Tensor forward(const torch::Tensor& ids) const;  // (…) int64 → (…, W)

  torch::Tensor weight;
};
TORCH_MODULE(TokenEmbedding);

/// Where each text ends: ids (N, L) → (N) int64, the position of the largest id, which is the end token's.
torch::Tensor end_positions(const torch::Tensor& ids);

/// Parameters are named as in OpenAI's state dict. All of it is causal, so texts are computed only up to the
/// longest one's end token; what follows could not reach the result.
class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(TextOptions options);

  torch::Tensor embed(const torch::Tensor& ids) const;  // (N, L) int64 → (N, L, W), without positions
  /// embeddings (N, L, W) + positions of the first L tokens. Throws ValueError where L exceeds the context.
  torch::Tensor add_positions(const torch::Tensor& embeddings) const;
  torch::Tensor run(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// tokens (N, L, W), ends (N) int64 → (N, D): ln_final and projection of each text's end token. Not
  /// normalised.
  torch::Tensor finish(const torch::Tensor& tokens, const torch::Tensor& ends) const;

  /// ids (N, L) int64 → (N, D).
  torch::Tensor encode(const torch::Tensor& ids) const;
  /// The same from token embeddings (N, L, W), for prompts that are learned; ends (N) int64.
  torch::Tensor encode_embeddings(const torch::Tensor& embeddings, const torch::Tensor& ends) const;

  TextOptions options;
  TokenEmbedding token_embedding{nullptr};
  torch::Tensor positional_embedding;  // (context, W)
  torch::Tensor text_projection;       // (W, D)
  nn::Transformer transformer{nullptr};
  nn::LayerNorm ln_final{nullptr};
};
TORCH_MODULE(TextEncoder);

/// The text encoder of weights with OpenAI's names; `file` is for messages.
TextEncoder make_text_encoder(const TensorMap& weights, const std::string& file);

}  // namespace mkt::clip
