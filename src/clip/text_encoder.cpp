#include "mkt/clip/text_encoder.h"

namespace mkt::clip {
namespace {

void check_ends(const torch::Tensor& embeddings, const torch::Tensor& ends) {
  TORCH_CHECK_VALUE(embeddings.dim() == 3 && ends.dim() == 1 && ends.size(0) == embeddings.size(0),
                    "text encoder: expected embeddings (N, L, W) and ends (N), got ", embeddings.sizes(),
                    " and ", ends.sizes(), ".");
}

}  // namespace

TokenEmbeddingImpl::TokenEmbeddingImpl(std::int64_t vocabulary, std::int64_t width) {
  weight = register_parameter("weight", torch::empty({vocabulary, width}));
}

torch::Tensor TokenEmbeddingImpl::forward(const torch::Tensor& ids) const {
  return at::embedding(weight, ids.to(weight.device()));
}

torch::Tensor end_positions(const torch::Tensor& ids) {
  return ids.argmax(-1);
}

TextEncoderImpl::TextEncoderImpl(TextOptions options_) : options(options_) {
  const auto width = options.width;
  token_embedding = register_module("token_embedding", TokenEmbedding(options.vocabulary, width));
  positional_embedding = register_parameter("positional_embedding", torch::empty({options.context, width}));
  text_projection = register_parameter("text_projection", torch::empty({width, options.embed_dim}));
  transformer =
      register_module("transformer", nn::Transformer(transformer_options(options, /*causal=*/true)));
  ln_final = register_module("ln_final", nn::LayerNorm(width, options.epsilon));
}

torch::Tensor TextEncoderImpl::embed(const torch::Tensor& ids) const {
  return token_embedding->forward(ids);
}

torch::Tensor TextEncoderImpl::add_positions(const torch::Tensor& embeddings) const {
  const auto length = embeddings.size(1);
  TORCH_CHECK_VALUE(length <= options.context, "text encoder: expected at most ", options.context,
                    " tokens per text, got ", length, ".");
  return embeddings + positional_embedding.narrow(0, 0, length);
}

torch::Tensor TextEncoderImpl::run(const torch::Tensor& tokens, std::int64_t first_block,
                                   std::int64_t last_block) const {
  return transformer->run(tokens, first_block, last_block);
}

torch::Tensor TextEncoderImpl::finish(const torch::Tensor& tokens, const torch::Tensor& ends) const {
  const torch::Tensor texts = torch::arange(tokens.size(0), tokens.options().dtype(torch::kInt64));
  const torch::Tensor last = tokens.index({texts, ends.to(tokens.device())});  // (N, W)
  return at::matmul(ln_final->forward(last), text_projection);                 // (N, D)
}

torch::Tensor TextEncoderImpl::encode(const torch::Tensor& ids) const {
  TORCH_CHECK_VALUE(ids.dim() == 2 && ids.size(0) > 0,
                    "text encoder: expected ids (N, L) of at least one text, got ", ids.sizes(), ".");
  const torch::Tensor ends = end_positions(ids);
  const auto length = ends.max().item<std::int64_t>() + 1;
  return encode_embeddings(embed(ids.narrow(1, 0, length)), ends);
}

torch::Tensor TextEncoderImpl::encode_embeddings(const torch::Tensor& embeddings,
                                                 const torch::Tensor& ends) const {
  check_ends(embeddings, ends);
  TORCH_CHECK_VALUE(embeddings.size(0) > 0, "text encoder: expected at least one text, got none.");
  const auto length = ends.max().item<std::int64_t>() + 1;
  const torch::Tensor tokens = add_positions(embeddings.narrow(1, 0, length));
  return finish(run(tokens, 0, options.layers), ends);
}

TextEncoder make_text_encoder(const Weights& weights) {
  TextEncoder encoder(weights.architecture.text);
  load_parameters(*encoder, weights, "");
  return encoder;
}

}  // namespace mkt::clip
