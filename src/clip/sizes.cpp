// Derives an encoder's architecture from the shapes of its weights, and from what is stated about it.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "core/text.h"
#include "mkt/clip/architecture.h"
#include "mkt/clip/vision_encoder.h"

namespace mkt::clip {
namespace {

const torch::Tensor& tensor_of_rank(const TensorMap& weights, const std::string& name, std::int64_t rank,
                                    const std::string& file) {
  const auto found = weights.find(name);
  TORCH_CHECK(found != weights.end(), file, ": expected tensor '", name,
              "', got none. Check that the file is complete.");
  TORCH_CHECK(found->second.dim() == rank && found->second.numel() > 0, file, ": expected tensor '", name,
              "' of ", rank, " dimensions, got shape ", found->second.sizes(),
              ". Check that the file is a CLIP.");
  return found->second;
}

/// Returns the block number at the start of `rest` ("3.ln_1.bias"), or nullopt.
std::optional<std::int64_t> block_number(const std::string& rest) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  const bool is_number = problem == std::errc() && end != rest.data() + rest.size() && *end == '.';
  return is_number && number >= 0 ? std::optional(number) : std::nullopt;
}

/// Counts the blocks whose names begin with `blocks` ("visual.transformer.resblocks."). Throws if there is
/// none, or if one is missing between others.
std::int64_t count_blocks(const TensorMap& weights, const std::string& blocks, const std::string& file) {
  std::set<std::int64_t> numbers;
  for (auto it = weights.lower_bound(blocks); it != weights.end() && starts_with(it->first, blocks); ++it) {
    if (const auto number = block_number(it->first.substr(blocks.size()))) numbers.insert(*number);
  }
  TORCH_CHECK(!numbers.empty(), file, ": expected tensor '", blocks,
              "0.attn.in_proj_weight', got none. Check that the file is complete.");
  std::int64_t next = 0;
  for (const std::int64_t number : numbers) {
    TORCH_CHECK(number == next, file, ": expected tensors of '", blocks, next, "', got none, but those of '",
                blocks, number, "'. Check that the file is complete.");
    ++next;
  }
  return next;
}

/// Sets layers, heads, hidden width, activation, layer scale and ε of an encoder whose width is set.
void set_blocks(Side side, const TensorMap& weights, const std::string& prefix, const EncoderFacts& facts,
                const std::string& file, EncoderOptions& options) {
  const std::string blocks = prefix + "transformer.resblocks.";
  options.layers = count_blocks(weights, blocks, file);
  options.hidden = tensor_of_rank(weights, blocks + "0.mlp.c_fc.weight", 2, file).size(0);
  const std::int64_t assumed = head_width(side, options.width);
  TORCH_CHECK(facts.heads.value || options.width % assumed == 0, file, ": expected ", prefix,
              "transformer's width to be a multiple of ", assumed, ", got ", options.width,
              ". State the number of attention heads.");
  options.heads = facts.heads.value.value_or(options.width / assumed);
  TORCH_CHECK(options.heads > 0 && options.width % options.heads == 0, file, ": expected heads that divide ",
              prefix, "transformer's width ", options.width, ", got ", options.heads,
              facts.heads.source.empty() ? "" : " from " + facts.heads.source, ". State another number.");
  options.activation = facts.activation.value.value_or(nn::Activation::kQuickGelu);
  options.epsilon = facts.epsilon.value.value_or(nn::kLayerNormEpsilon);
  for (auto it = weights.lower_bound(blocks); it != weights.end() && starts_with(it->first, blocks); ++it)
    options.layer_scale = options.layer_scale || it->first.find(".ls_") != std::string::npos;
}

}  // namespace

VisionOptions vision_options(const TensorMap& weights, const std::string& file, const EncoderFacts& facts,
                             const std::string& prefix, const std::string& projection) {
  const torch::Tensor kernel = tensor_of_rank(weights, prefix + "conv1.weight", 4, file);
  TORCH_CHECK(kernel.size(1) == kImageChannels && kernel.size(2) == kernel.size(3), file,
              ": expected tensor '", prefix, "conv1.weight' of shape [width, 3, patch, patch], got ",
              kernel.sizes(), ". Check that the file is a CLIP.");
  const torch::Tensor positions = tensor_of_rank(weights, prefix + "positional_embedding", 2, file);
  const auto grid = std::llround(std::sqrt(static_cast<double>(positions.size(0) - 1)));
  TORCH_CHECK(grid > 0 && grid * grid + 1 == positions.size(0), file, ": expected tensor '", prefix,
              "positional_embedding' with 1 + grid² rows, got shape ", positions.sizes(),
              ". Check that the file is a CLIP.");
  VisionOptions options;
  options.patch = kernel.size(2);
  options.grid = grid;
  options.width = kernel.size(0);
  options.embed_dim = tensor_of_rank(weights, prefix + projection, 2, file).size(1);
  options.projection = projection;
  set_blocks(Side::kVision, weights, prefix, facts, file, options);
  return options;
}

TextOptions text_options(const TensorMap& weights, const std::string& file, const EncoderFacts& facts) {
  const torch::Tensor table = tensor_of_rank(weights, "token_embedding.weight", 2, file);
  TextOptions options;
  options.vocabulary = table.size(0);
  options.width = table.size(1);
  options.context = tensor_of_rank(weights, "positional_embedding", 2, file).size(0);
  options.embed_dim = tensor_of_rank(weights, "text_projection", 2, file).size(1);
  set_blocks(Side::kText, weights, "", facts, file, options);
  return options;
}

torch::Tensor interpolate_positions(const torch::Tensor& positions, std::int64_t grid) {
  const auto width = positions.size(1);
  const auto old_grid = std::llround(std::sqrt(static_cast<double>(positions.size(0) - 1)));
  TORCH_CHECK_VALUE(old_grid * old_grid + 1 == positions.size(0),
                    "interpolate_positions: expected (1 + g², W), got ", positions.sizes(), ".");
  const torch::Tensor patches = positions.narrow(0, 1, old_grid * old_grid).to(torch::kFloat32);
  const torch::Tensor image = patches.t().reshape({1, width, old_grid, old_grid});
  const torch::Tensor resized =
      at::upsample_bicubic2d(image, {grid, grid}, false, std::optional<double>(), std::optional<double>());
  return torch::cat({positions.narrow(0, 0, 1).to(torch::kFloat32), resized.view({width, grid * grid}).t()});
}

void set_resolution(Weights& weights, std::int64_t resolution) {
  VisionOptions& options = weights.architecture.vision;
  TORCH_CHECK_VALUE(resolution > 0 && resolution % options.patch == 0,
                    "input-size: expected a multiple of the patch size ", options.patch, ", got ", resolution,
                    ". The native size of these weights is ", options.resolution(), ".");
  if (resolution == options.resolution()) return;
  torch::Tensor& positions = weights.tensors.at("visual.positional_embedding");
  options.grid = resolution / options.patch;
  positions = interpolate_positions(positions, options.grid);
}

}  // namespace mkt::clip
