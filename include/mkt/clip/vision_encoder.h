#pragma once
// CLIP's vision transformer. Other than in CLIP, ln_post and the projection go over all tokens: MKT
// (arXiv 2207.01887) scores patches too.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/weights.h"
#include "mkt/nn/frozen.h"
#include "mkt/nn/layers.h"
#include "mkt/nn/transformer.h"

namespace mkt::clip {

inline constexpr std::int64_t kImageChannels = 3;  ///< red, green, blue

struct VisionOptions {
  std::int64_t patch = 0;           ///< pixels a side
  std::int64_t grid = 0;            ///< patches a side
  std::int64_t width = 0;           ///< W
  std::int64_t layers = 0;          ///< L
  std::int64_t embed_dim = 0;       ///< D, joint with text
  std::string projection = "proj";  ///< the projection's parameter name

  std::int64_t heads() const { return width / 64; }
  std::int64_t resolution() const { return patch * grid; }  ///< input pixels a side
};

/// Sizes of a vision encoder, from its tensors' shapes; names are OpenAI's behind `prefix`. Throws c10::Error
/// naming `file` where one is missing or they do not fit together.
VisionOptions vision_options(const TensorMap& weights, const std::string& file = "CLIP weights",
                             const std::string& prefix = "visual.", const std::string& projection = "proj");

/// positions (1 + g², W) of a class token and a g×g grid → (1 + grid², W), bicubically; the class token's
/// stays.
torch::Tensor interpolate_positions(const torch::Tensor& positions, std::int64_t grid);

/// Makes `weights` (OpenAI's names) those of a model for images of `resolution` pixels a side. Throws
/// ValueError naming --input-size where it is no multiple of the patch size.
void set_resolution(TensorMap& weights, std::int64_t resolution);

/// (W, 3, p, p) kernel without bias, applied to patches that do not overlap.
class PatchEmbeddingImpl : public torch::nn::Module {
 public:
  PatchEmbeddingImpl(std::int64_t width, std::int64_t patch);
  torch::Tensor forward(const torch::Tensor& images) const;  // (B, 3, H, H) → (B, P, W)

  torch::Tensor weight;
};
TORCH_MODULE(PatchEmbedding);

/// Parameters are named as in OpenAI's state dict behind "visual.".
class VisionEncoderImpl : public torch::nn::Module {
 public:
  explicit VisionEncoderImpl(VisionOptions options);

  /// images (B, 3, H, H) float, normalised → (B, T, W), T = 1 + P: patches with class token and positions,
  /// then ln_pre. Throws ValueError for images of another size.
  torch::Tensor embed(const torch::Tensor& images) const;
  /// Blocks [first_block, last_block).
  torch::Tensor run(const torch::Tensor& tokens, std::int64_t first_block, std::int64_t last_block) const;
  /// ln_post and projection of any tokens: (…, W) → (…, D). Not normalised.
  torch::Tensor finish(const torch::Tensor& tokens) const;
  /// embed, all blocks, finish: (B, 3, H, H) → (B, T, D).
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

/// The vision encoder of weights with OpenAI's names; `file` is for messages.
VisionEncoder make_vision_encoder(const TensorMap& weights, const std::string& file);

/// Inference form of a vision encoder: no graph, see nn/frozen.h. Shares its weights with the encoder, which
/// must not change meanwhile. Not differentiable.
class FrozenVisionEncoder {
 public:
  explicit FrozenVisionEncoder(VisionEncoder encoder, torch::Dtype dtype = torch::kFloat32);

  torch::Tensor forward(const torch::Tensor& images) const;      // (B, 3, H, H) → (B, T, D) float32
  torch::Tensor class_token(const torch::Tensor& images) const;  // (B, 3, H, H) → (B, D), cheaper
  const VisionOptions& options() const { return encoder_->options; }

 private:
  VisionEncoder encoder_;
  nn::FrozenTransformer blocks_;
};

/// The same of weights with OpenAI's names, for whom nothing is copied that need not be: tensors that are on
/// `device` and of the type computed in (the blocks' matrices `dtype`, all others float32) are used where
/// they lie, a mapped file's too. `file` is for messages.
FrozenVisionEncoder make_frozen_vision_encoder(const TensorMap& weights, const std::string& file,
                                               torch::Dtype dtype = torch::kFloat32,
                                               torch::Device device = torch::kCPU);

}  // namespace mkt::clip
