// Derives a model's sizes from the shapes of its weights.
#include <fmt/format.h>

#include <cmath>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"

namespace mkt::clip {
namespace {

constexpr std::int64_t kHeadWidth = 64;

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

std::int64_t count_blocks(const TensorMap& weights, const std::string& prefix) {
  std::int64_t count = 0;
  while (weights.count(fmt::format("{}transformer.resblocks.{}.attn.in_proj_weight", prefix, count)) != 0)
    ++count;
  return count;
}

void check_blocks(std::int64_t width, std::int64_t layers, const std::string& prefix,
                  const std::string& file) {
  TORCH_CHECK(width % kHeadWidth == 0, file, ": expected ", prefix,
              "transformer's width to be a multiple of ", kHeadWidth, ", got ", width,
              ". Check that the file is a CLIP.");
  TORCH_CHECK(layers > 0, file, ": expected tensor '", prefix,
              "transformer.resblocks.0.attn.in_proj_weight', got none. Check that the file is complete.");
}

}  // namespace

VisionOptions vision_options(const TensorMap& weights, const std::string& file, const std::string& prefix,
                             const std::string& projection) {
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
  options.layers = count_blocks(weights, prefix);
  options.embed_dim = tensor_of_rank(weights, prefix + projection, 2, file).size(1);
  options.projection = projection;
  check_blocks(options.width, options.layers, prefix, file);
  return options;
}

TextOptions text_options(const TensorMap& weights, const std::string& file) {
  const torch::Tensor table = tensor_of_rank(weights, "token_embedding.weight", 2, file);
  TextOptions options;
  options.vocabulary = table.size(0);
  options.width = table.size(1);
  options.context = tensor_of_rank(weights, "positional_embedding", 2, file).size(0);
  options.layers = count_blocks(weights, "");
  options.embed_dim = tensor_of_rank(weights, "text_projection", 2, file).size(1);
  check_blocks(options.width, options.layers, "", file);
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

void set_resolution(TensorMap& weights, std::int64_t resolution) {
  const VisionOptions options = vision_options(weights);
  TORCH_CHECK_VALUE(resolution > 0 && resolution % options.patch == 0,
                    "input-size: expected a multiple of the patch size ", options.patch, ", got ", resolution,
                    ". The native size of these weights is ", options.resolution(), ".");
  if (resolution == options.resolution()) return;
  torch::Tensor& positions = weights.at("visual.positional_embedding");
  positions = interpolate_positions(positions, resolution / options.patch);
}

}  // namespace mkt::clip
