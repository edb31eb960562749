#pragma once
// CLIP's vision transformer. Unlike CLIP, it applies ln_post and the projection to all tokens, because MKT
// (arXiv 2207.01887) also scores patches.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/weights.h"
#include "mkt/nn/frozen.h"
#include "mkt/nn/graphed_function.h"
#include "mkt/nn/layers.h"
#include "mkt/nn/transformer.h"

namespace mkt::clip {

inline constexpr std::int64_t kImageChannels = 3;  ///< red, green, blue
/// Resizes the positional embeddings of a g × g grid by bicubic interpolation and keeps the class token's:
/// positions (1 + g², W) → (1 + grid², W).
torch::Tensor interpolate_positions(const torch::Tensor& positions, std::int64_t grid);

/// Adapts `weights` to images of `resolution` × `resolution` pixels. Throws ValueError
/// ("input-size: …") if `resolution` is not a multiple of the patch size.
void set_resolution(Weights& weights, std::int64_t resolution);

/// Patch embedding: a convolution without bias, with kernel (W, 3, p, p) and stride p.
class PatchEmbeddingImpl : public torch::nn::Module {
 public:
  PatchEmbeddingImpl(std::int64_t width, std::int64_t patch);
  torch::Tensor forward(const torch::Tensor& images) const;  // (B, 3, H, H) → (B, P, W)

  torch::Tensor weight;
};
TORCH_MODULE(PatchEmbedding);

/// CLIP's vision encoder. Parameters are named as in OpenAI's state dict, without the prefix "visual.".
class VisionEncoderImpl : public torch::nn::Module {
 public:
  explicit VisionEncoderImpl(VisionOptions options);

  /// Embeds normalised images (B, 3, H, H) float → (B, T, W), T = 1 + P: class token and patches, plus
  /// positional embeddings, then ln_pre. Throws ValueError for images of another size.
  torch::Tensor embed(const torch::Tensor& images) const;
  /// Runs blocks [first_block, last_block): tokens (B, T, W) → (B, T, W).
  torch::Tensor run(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// Applies ln_post and the projection: tokens (…, W) → (…, D), not normalised.
  torch::Tensor finish(const torch::Tensor& tokens) const;
  /// Runs embed(), all blocks and finish(): images (B, 3, H, H) → (B, T, D), not normalised. Patches attend
  /// in the last block as options.patches says.
  torch::Tensor forward(const torch::Tensor& images) const;

  VisionOptions options;
  torch::Tensor class_embedding;       // (W)
  torch::Tensor positional_embedding;  // (T, W)
  torch::Tensor projection;            // (W, D), registered as options.projection
  PatchEmbedding conv1{nullptr};
  nn::LayerNorm ln_pre{nullptr};
  nn::Transformer transformer{nullptr};
  nn::LayerNorm ln_post{nullptr};
};
TORCH_MODULE(VisionEncoder);

/// Makes the vision encoder. Throws c10::Error naming the weights' file and a tensor with a value that is not
/// finite.
VisionEncoder make_vision_encoder(const Weights& weights);

/// Inference form of a vision encoder (nn/frozen.h): not differentiable. Shares its weights with the encoder:
/// do not change it while this object is in use. On a GPU, make one call at a time.
class FrozenVisionEncoder {
 public:
  explicit FrozenVisionEncoder(VisionEncoder encoder, torch::Dtype dtype = torch::kFloat32);

  torch::Tensor forward(const torch::Tensor& images) const;      // (B, 3, H, H) → (B, T, D) float32
  torch::Tensor class_token(const torch::Tensor& images) const;  // (B, 3, H, H) → (B, D), faster
  const VisionOptions& options() const { return encoder_->options; }

 private:
  VisionEncoder encoder_;
  nn::GraphedFunction all_tokens_;
  nn::GraphedFunction first_token_;
};

/// Makes a frozen encoder with as few copies as possible: tensors that are on `device` and already have the
/// dtype used in computation (`dtype` for the blocks' matrices, float32 for all others) are used in place,
/// even if they are memory-mapped. Throws as make_vision_encoder() does.
FrozenVisionEncoder make_frozen_vision_encoder(const Weights& weights, torch::Dtype dtype = torch::kFloat32,
                                               torch::Device device = torch::kCPU);

}  // namespace mkt::clip
