#include "mkt/clip/vision_encoder.h"

#include <utility>

#include "core/text.h"

namespace mkt::clip {
namespace {

/// Returns a result of a graph as a tensor that no later call overwrites.
torch::Tensor own(const torch::Tensor& result) {
  return result.is_cuda() ? result.clone() : result;
}

}  // namespace

PatchEmbeddingImpl::PatchEmbeddingImpl(std::int64_t width, std::int64_t patch) {
  weight = register_parameter("weight", torch::empty({width, kImageChannels, patch, patch}));
}

// Multiplies unfolded patches by the weight matrix: on CPUs, this is faster than a convolution followed by a
// transposition.
torch::Tensor PatchEmbeddingImpl::forward(const torch::Tensor& images) const {
  const auto patch = weight.size(2);
  const auto rows = images.size(2) / patch;
  const auto columns = images.size(3) / patch;
  const torch::Tensor unfolded = images.reshape({images.size(0), kImageChannels, rows, patch, columns, patch})
                                     .permute({0, 2, 4, 1, 3, 5})
                                     .reshape({images.size(0), rows * columns, -1});  // (B, P, 3·p·p)
  return at::linear(unfolded, weight.flatten(1));                                     // (B, P, W)
}

VisionEncoderImpl::VisionEncoderImpl(VisionOptions options_) : options(std::move(options_)) {
  const auto width = options.width;
  class_embedding = register_parameter("class_embedding", torch::empty({width}));
  positional_embedding =
      register_parameter("positional_embedding", torch::empty({options.grid * options.grid + 1, width}));
  projection = register_parameter(options.projection, torch::empty({width, options.embed_dim}));
  conv1 = register_module("conv1", PatchEmbedding(width, options.patch));
  ln_pre = register_module("ln_pre", nn::LayerNorm(width, options.epsilon));
  transformer =
      register_module("transformer", nn::Transformer(transformer_options(options, /*causal=*/false)));
  ln_post = register_module("ln_post", nn::LayerNorm(width, options.epsilon));
}

torch::Tensor VisionEncoderImpl::embed(const torch::Tensor& images) const {
  const auto size = options.resolution();
  TORCH_CHECK_VALUE(images.dim() == 4 && images.size(1) == kImageChannels && images.size(2) == size &&
                        images.size(3) == size,
                    "images: expected (B, 3, ", size, ", ", size, "), got ", images.sizes(), ".");
  const torch::Tensor patches = conv1->forward(images);  // (B, P, W)
  const torch::Tensor first =
      class_embedding.to(patches.dtype()).expand({images.size(0), 1, -1});         // (B, 1, W)
  return ln_pre->forward(torch::cat({first, patches}, 1) + positional_embedding);  // (B, T, W)
}

torch::Tensor VisionEncoderImpl::run(const torch::Tensor& tokens, std::int64_t first_block,
                                     std::int64_t last_block) const {
  return transformer->run(tokens, first_block, last_block);
}

torch::Tensor VisionEncoderImpl::finish(const torch::Tensor& tokens) const {
  return at::matmul(ln_post->forward(tokens), projection);
}

torch::Tensor VisionEncoderImpl::forward(const torch::Tensor& images) const {
  const std::int64_t last = options.layers - 1;
  if (options.patches == Patches::kLast) return finish(run(embed(images), 0, options.layers));
  const torch::Tensor tokens = run(embed(images), 0, last);
  const torch::Tensor first = run(tokens, last, options.layers).slice(1, 0, 1);
  return finish(torch::cat({first, transformer->block(last)->forward_self(tokens).slice(1, 1)}, 1));
}

VisionEncoder make_vision_encoder(const Weights& weights) {
  VisionEncoder encoder(weights.architecture.vision);
  load_parameters(*encoder, weights, "visual.");
  return encoder;
}

FrozenVisionEncoder::FrozenVisionEncoder(VisionEncoder encoder, torch::Dtype dtype)
    : encoder_(std::move(encoder)) {
  const nn::FrozenTransformer blocks(encoder_->transformer, 0, encoder_->options.layers, dtype);
  using Results = std::vector<torch::Tensor>;
  all_tokens_ = nn::GraphedFunction([encoder = encoder_, blocks](const torch::Tensor& images) {
    const bool self = encoder->options.patches == Patches::kSelf;
    const torch::Tensor tokens = encoder->embed(images);
    return Results{encoder->finish(self ? blocks.run_self_(tokens) : blocks.run_(tokens))};
  });
  first_token_ = nn::GraphedFunction([encoder = encoder_, blocks](const torch::Tensor& images) {
    return Results{encoder->finish(blocks.run_class_token_(encoder->embed(images)))};
  });
}

torch::Tensor FrozenVisionEncoder::forward(const torch::Tensor& images) const {
  return own(all_tokens_(images).front());
}

torch::Tensor FrozenVisionEncoder::class_token(const torch::Tensor& images) const {
  return own(first_token_(images).front());
}

FrozenVisionEncoder make_frozen_vision_encoder(const Weights& weights, torch::Dtype dtype,
                                               torch::Device device) {
  VisionEncoder encoder(weights.architecture.vision);
  adopt_parameters(*encoder, weights, "visual.", device,
                   [&](const std::string& name, const torch::Tensor& parameter) {
                     const bool matrix = starts_with(name, "transformer.") && parameter.dim() == 2;
                     return matrix ? dtype : torch::kFloat32;
                   });
  return FrozenVisionEncoder(encoder, dtype);
}

}  // namespace mkt::clip
