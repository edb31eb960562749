#include "mkt/clip/text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace mkt::clip {
namespace {

/// Tokens computed at once: enough to fill the matrix products, little enough to stay in the cache.
constexpr std::int64_t kTokensAtOnce = 4096;

/// Texts by the position of their end token, in groups of at most kTokensAtOnce tokens.
std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> groups_of_equal_length(
    const torch::Tensor& ends) {
  std::map<std::int64_t, std::vector<std::int64_t>> by_end;
  const torch::Tensor positions = ends.to(torch::kCPU, torch::kInt64).contiguous();
  for (std::int64_t i = 0; i < positions.numel(); ++i)
    by_end[positions.data_ptr<std::int64_t>()[i]].push_back(i);
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> groups;
  for (const auto& [end, texts] : by_end) {
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(kTokensAtOnce / (end + 1), 1));
    for (std::size_t first = 0; first < texts.size(); first += size) {
      const auto last = std::min(first + size, texts.size());
      groups.emplace_back(end, std::vector<std::int64_t>(texts.begin() + static_cast<std::ptrdiff_t>(first),
                                                         texts.begin() + static_cast<std::ptrdiff_t>(last)));
    }
  }
  return groups;
}

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
  transformer = register_module(
      "transformer", nn::Transformer(nn::TransformerOptions{width, options.layers, options.heads(), true}));
  ln_final = register_module("ln_final", nn::LayerNorm(width));
}

torch::Tensor TextEncoderImpl::embed(const torch::Tensor& ids) const {
  return token_embedding->forward(ids);
}

torch::Tensor TextEncoderImpl::add_positions(const torch::Tensor& embeddings) const {
  const auto length = embeddings.size(1);
  TORCH_CHECK_VALUE(length <= options.context, "text encoder: expected at most ", options.context,
                    " tokens a text, got ", length, ".");
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

TextEncoder make_text_encoder(const TensorMap& weights, const std::string& file) {
  TextEncoder encoder(text_options(weights, file));
  load_parameters(*encoder, weights, "", file);
  return encoder;
}

FrozenTextEncoder::FrozenTextEncoder(TextEncoder encoder, torch::Dtype dtype)
    : encoder_(std::move(encoder)), blocks_(encoder_->transformer, 0, encoder_->options.layers, dtype) {}

torch::Tensor FrozenTextEncoder::encode_groups(
    const torch::Tensor& ends,
    const std::function<torch::Tensor(const torch::Tensor&, std::int64_t)>& embeddings_of) const {
  const at::NoGradGuard no_grad;
  torch::Tensor result = encoder_->text_projection.new_empty({ends.size(0), options().embed_dim});
  for (const auto& [end, texts] : groups_of_equal_length(ends)) {
    const torch::Tensor chosen = torch::tensor(texts, torch::kInt64).to(result.device());
    const torch::Tensor tokens = blocks_.run_(encoder_->add_positions(embeddings_of(chosen, end + 1)));
    const torch::Tensor group_ends = torch::full_like(chosen, end);
    result.index_copy_(0, chosen, encoder_->finish(tokens, group_ends));
  }
  return result;
}

torch::Tensor FrozenTextEncoder::encode(const torch::Tensor& ids) const {
  return encode_groups(end_positions(ids), [&](const torch::Tensor& chosen, std::int64_t length) {
    return encoder_->embed(ids.narrow(1, 0, length).index_select(0, chosen.to(ids.device())));
  });
}

torch::Tensor FrozenTextEncoder::encode_embeddings(const torch::Tensor& embeddings,
                                                   const torch::Tensor& ends) const {
  check_ends(embeddings, ends);
  return encode_groups(ends, [&](const torch::Tensor& chosen, std::int64_t length) {
    return embeddings.narrow(1, 0, length).index_select(0, chosen);
  });
}

}  // namespace mkt::clip
