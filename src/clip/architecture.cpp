#include "mkt/clip/architecture.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "mkt/clip/vision_encoder.h"

namespace mkt::clip {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A vision transformer published with open_clip whose heads are not 64 wide.
struct WideHeads {
  const char* model;
  std::int64_t width;
  std::int64_t head_width;
};

constexpr std::int64_t kHeadWidth = 64;
constexpr std::array<WideHeads, 4> kWideHeads{{
    {"ViT-H-14", 1280, 80},
    {"ViT-g-14", 1408, 88},
    {"ViT-bigG-14", 1664, 104},
    {"ViT-e-14", 1792, 112},
}};

/// Returns the model whose vision encoder has this width; null for text encoders, all of which have heads 64
/// wide.
const WideHeads* wide_heads(Side side, std::int64_t width) {
  for (const WideHeads& model : kWideHeads) {
    if (side == Side::kVision && model.width == width) return &model;
  }
  return nullptr;
}

void add_norm(const std::string& name, std::int64_t width, Shapes& shapes) {
  shapes[name + ".weight"] = {width};
  shapes[name + ".bias"] = {width};
}

void add_blocks(const EncoderOptions& options, const std::string& prefix, Shapes& shapes) {
  const std::int64_t width = options.width;
  for (std::int64_t i = 0; i < options.layers; ++i) {
    const std::string block = fmt::format("{}transformer.resblocks.{}.", prefix, i);
    shapes[block + "attn.in_proj_weight"] = {3 * width, width};
    shapes[block + "attn.in_proj_bias"] = {3 * width};
    shapes[block + "attn.out_proj.weight"] = {width, width};
    shapes[block + "attn.out_proj.bias"] = {width};
    add_norm(block + "ln_1", width, shapes);
    shapes[block + "mlp.c_fc.weight"] = {options.hidden, width};
    shapes[block + "mlp.c_fc.bias"] = {options.hidden};
    shapes[block + "mlp.c_proj.weight"] = {width, options.hidden};
    shapes[block + "mlp.c_proj.bias"] = {width};
    add_norm(block + "ln_2", width, shapes);
    if (!options.layer_scale) continue;
    shapes[block + "ls_1.gamma"] = {width};
    shapes[block + "ls_2.gamma"] = {width};
  }
}

}  // namespace

void EncoderFacts::fill(const EncoderFacts& other) {
  activation.fill(other.activation);
  heads.fill(other.heads);
  epsilon.fill(other.epsilon);
}

void Facts::fill(const Facts& other) {
  vision.fill(other.vision);
  text.fill(other.text);
  preprocessing.fill(other.preprocessing);
}

std::int64_t head_width(Side side, std::int64_t width) {
  const WideHeads* model = wide_heads(side, width);
  return model == nullptr ? kHeadWidth : model->head_width;
}

bool is_published_width(Side side, std::int64_t width) {
  constexpr std::array<std::int64_t, 6> kUsual = {384, 512, 640, 768, 896, 1024};
  constexpr std::int64_t kWidestText = 1280;  // ViT-bigG-14, ViT-e-14
  return wide_heads(side, width) != nullptr || (side == Side::kText && width == kWidestText) ||
         std::find(kUsual.begin(), kUsual.end(), width) != kUsual.end();
}

std::string assumed_heads(Side side, std::int64_t width) {
  const WideHeads* model = wide_heads(side, width);
  if (model != nullptr) return fmt::format("{} wide, as in open_clip's {}", model->head_width, model->model);
  return fmt::format("{} wide, {}", kHeadWidth,
                     is_published_width(side, width) ? "as in open_clip's models of this width" : "assumed");
}

nn::TransformerOptions transformer_options(const EncoderOptions& options, bool causal) {
  return {options.width,  options.layers,     options.heads,       causal,
          options.hidden, options.activation, options.layer_scale, options.epsilon};
}

Shapes parameters_of(const VisionOptions& options, const std::string& prefix) {
  const std::int64_t width = options.width;
  Shapes shapes{{prefix + "class_embedding", {width}},
                {prefix + "positional_embedding", {options.grid * options.grid + 1, width}},
                {prefix + options.projection, {width, options.embed_dim}},
                {prefix + "conv1.weight", {width, kImageChannels, options.patch, options.patch}}};
  add_norm(prefix + "ln_pre", width, shapes);
  add_norm(prefix + "ln_post", width, shapes);
  add_blocks(options, prefix, shapes);
  return shapes;
}

Shapes parameters_of(const TextOptions& options) {
  Shapes shapes{{"token_embedding.weight", {options.vocabulary, options.width}},
                {"positional_embedding", {options.context, options.width}},
                {"text_projection", {options.width, options.embed_dim}}};
  add_norm("ln_final", options.width, shapes);
  add_blocks(options, "", shapes);
  return shapes;
}

}  // namespace mkt::clip
