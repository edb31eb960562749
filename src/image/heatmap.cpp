#include "image/heatmap.h"

#include <cmath>

namespace mkt::image {
namespace {

constexpr double kOpacity = 0.6;  // opacity of the colours over the grey image

torch::Tensor viridis_places() {
  return torch::tensor({68,  1,  84,  71,  44, 122, 59, 81,  139, 44, 113, 142, 33, 144,
                        141, 39, 173, 129, 92, 200, 99, 170, 220, 50, 253, 231, 37},
                       torch::kFloat32)
      .view({-1, 3});
}

/// Returns the number of patches per side.
std::int64_t grid_of(const torch::Tensor& products) {
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(products.numel())));
  TORCH_CHECK_VALUE(products.dim() == 1 && side > 0 && side * side == products.size(0),
                    "products: expected those of a square grid of patches, got ", products.sizes(),
                    ". Pass the products of one image.");
  return side;
}

torch::Tensor to_bytes(const torch::Tensor& values) {
  return values.round().clamp(0, 255).to(torch::kUInt8).contiguous();
}

}  // namespace

torch::Tensor viridis(const torch::Tensor& values) {
  const torch::Tensor places = viridis_places();
  const std::int64_t last = places.size(0) - 1;
  const torch::Tensor position =
      values.to(torch::kCPU, torch::kFloat32).clamp(0, 1) * static_cast<double>(last);
  const torch::Tensor below = position.floor().clamp_max(static_cast<double>(last - 1));
  const torch::Tensor index = below.to(torch::kInt64).flatten();
  auto shape = values.sizes().vec();
  shape.push_back(3);
  const torch::Tensor low = places.index_select(0, index).view(shape);
  const torch::Tensor high = places.index_select(0, index + 1).view(shape);
  return to_bytes(low + (high - low) * (position - below).unsqueeze(-1));
}

torch::Tensor patch_map(const torch::Tensor& products, std::int64_t size) {
  const std::int64_t grid = grid_of(products);
  const torch::Tensor values = products.to(torch::kCPU, torch::kFloat32);
  const torch::Tensor range = values.max() - values.min();
  const torch::Tensor scaled = torch::where(range > 0, (values - values.min()) / range, 0.0);
  return at::upsample_bilinear2d(scaled.view({1, 1, grid, grid}), {size, size}, /*align_corners=*/false)
      .view({size, size});
}

torch::Tensor blend_heatmap(const torch::Tensor& image, const torch::Tensor& products) {
  TORCH_CHECK_VALUE(image.dim() == 3 && image.size(0) == image.size(1) && image.size(2) == 3,
                    "image: expected (S, S, 3), got ", image.sizes(), ". Pass a square image.");
  const torch::Tensor luma = torch::tensor({0.299, 0.587, 0.114}, torch::kFloat32);
  const torch::Tensor grey = torch::mv(image.to(torch::kFloat32).view({-1, 3}), luma);  // (S·S)
  const torch::Tensor colours = viridis(patch_map(products, image.size(0))).to(torch::kFloat32);
  return to_bytes(colours * kOpacity + grey.view({image.size(0), -1, 1}) * (1 - kOpacity));
}

Box brightest_patch(const torch::Tensor& products, std::int64_t size) {
  const std::int64_t grid = grid_of(products);
  const std::int64_t index = products.argmax().item<std::int64_t>();
  const std::int64_t side = size / grid;
  return {index % grid * side, index / grid * side, side, side};
}

torch::Tensor as_interleaved(const torch::Tensor& image) {
  return image.permute({1, 2, 0}).cpu().contiguous();
}

}  // namespace mkt::image
