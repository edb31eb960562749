#pragma once
// The architecture of a CLIP: what its tensors show, and what they do not.

#include "mkt/torch.h"

#include <map>
#include <optional>
#include <string>

#include "mkt/core/enum_names.h"
#include "mkt/image/preprocessing.h"
#include "mkt/nn/transformer.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

using weights::TensorMap;

/// A property that tensors do not show, and where it is stated, for example "open_clip_config.json".
template <typename Value>
struct Stated {
  std::optional<Value> value;
  std::string source;

  /// Takes over the other's value if this one has none.
  void fill(const Stated& other) {
    if (!value) *this = other;
  }
};

/// Stated properties of one encoder.
struct EncoderFacts {
  Stated<nn::Activation> activation;
  Stated<std::int64_t> heads;
  Stated<double> epsilon;  ///< ε in layer normalisation

  void fill(const EncoderFacts& other);
};

/// Stated properties of a CLIP.
struct Facts {
  EncoderFacts vision;
  EncoderFacts text;
  Stated<image::Preprocessing> preprocessing;

  /// Takes over the other's values where this one has none.
  void fill(const Facts& other);
};

/// Sizes and computation that image and text encoders have in common.
struct EncoderOptions {
  std::int64_t width = 0;      ///< W, the token width
  std::int64_t layers = 0;     ///< number of blocks
  std::int64_t heads = 0;      ///< number of attention heads
  std::int64_t hidden = 0;     ///< width of the MLPs' hidden layer
  std::int64_t embed_dim = 0;  ///< D, the width of image features and text features
  nn::Activation activation = nn::Activation::kQuickGelu;
  bool layer_scale = false;  ///< whether blocks have ls_1.gamma and ls_2.gamma
  double epsilon = nn::kLayerNormEpsilon;
};

/// Attention of the patches in the vision encoder's last block. The class token attends to all tokens.
enum class Patches {
  kLast,  ///< to all tokens, as CLIP computes them
  kSelf,  ///< to themselves (MaskCLIP, arXiv 2112.01071), without residual and MLP (ClearCLIP, arXiv
          ///< 2407.12442)
};

/// Sizes and computation of the vision encoder.
struct VisionOptions : EncoderOptions {
  std::int64_t patch = 0;           ///< side length of a patch in pixels
  std::int64_t grid = 0;            ///< number of patches along an image's side
  std::string projection = "proj";  ///< the projection's parameter name
  Patches patches = Patches::kLast;

  std::int64_t resolution() const { return patch * grid; }  ///< side length of an image in pixels
};

/// Sizes and computation of the text encoder.
struct TextOptions : EncoderOptions {
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;  ///< maximum number of tokens per text
};

/// Options of an encoder's blocks. `causal`: whether a token attends only to itself and earlier tokens, as in
/// the text encoder.
nn::TransformerOptions transformer_options(const EncoderOptions& options, bool causal);

/// Reads the vision encoder's architecture from the tensors `weights`, whose names are `prefix` + OpenAI's
/// names. `facts` override what is assumed otherwise: QuickGELU, ε 1e-5, and heads as in open_clip's
/// published model of that width, else 64 wide. Throws c10::Error naming `file` if a tensor is missing,
/// shapes do not fit together, a block is missing, or the heads do not divide the width.
VisionOptions vision_options(const TensorMap& weights, const std::string& file = "CLIP weights",
                             const EncoderFacts& facts = {}, const std::string& prefix = "visual.",
                             const std::string& projection = "proj");

/// Reads the text encoder's architecture from `weights` (OpenAI's names), as vision_options() does.
TextOptions text_options(const TensorMap& weights, const std::string& file = "CLIP weights",
                         const EncoderFacts& facts = {});

/// A CLIP's architecture. An encoder that the weights lack has width 0.
struct Architecture {
  VisionOptions vision;
  TextOptions text;
  std::optional<image::Preprocessing> preprocessing;  ///< of the weights' training; nullopt if not stated
};

enum class Side { kVision, kText };

/// The width of an encoder's heads if no fact states their number. Source: open_clip's published models.
std::int64_t head_width(Side side, std::int64_t width);
/// Whether an encoder of this width was published with open_clip, so that head_width() is known for it.
bool is_published_width(Side side, std::int64_t width);
/// The source of the number of heads if no fact states it, for example "80 wide, as in open_clip's ViT-H-14".
std::string assumed_heads(Side side, std::int64_t width);

/// Names and shapes of the parameters of an encoder, OpenAI's names: those of the vision encoder begin with
/// `prefix`.
std::map<std::string, std::vector<std::int64_t>> parameters_of(const VisionOptions& options,
                                                               const std::string& prefix = "visual.");
std::map<std::string, std::vector<std::int64_t>> parameters_of(const TextOptions& options);

}  // namespace mkt::clip

template <>
struct mkt::Names<mkt::clip::Patches> {
  static constexpr NameTable<clip::Patches, 2> kTable{
      {{clip::Patches::kLast, "last"}, {clip::Patches::kSelf, "self"}}};
};
