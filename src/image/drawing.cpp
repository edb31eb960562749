#include "image/drawing.h"

#include <algorithm>

namespace mkt::image {
torch::Tensor blank_image(std::int64_t height, std::int64_t width, const Colour& colour) {
  torch::Tensor image = torch::empty({height, width, 3}, torch::kUInt8);
  fill_box(image, {0, 0, width, height}, colour);
  return image;
}

void fill_box(torch::Tensor& image, const Box& box, const Colour& colour) {
  const std::int64_t width = image.size(1);
  const std::int64_t bottom = std::min(box.top + box.height, image.size(0));
  const std::int64_t right = std::min(box.left + box.width, width);
  auto* pixels = image.data_ptr<std::uint8_t>();
  for (std::int64_t y = std::max<std::int64_t>(box.top, 0); y < bottom; ++y) {
    for (std::int64_t x = std::max<std::int64_t>(box.left, 0); x < right; ++x) {
      std::uint8_t* pixel = pixels + 3 * (y * width + x);
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
    }
  }
}

void draw_frame(torch::Tensor& image, const Box& box, std::int64_t thickness, const Colour& colour) {
  const std::int64_t across = std::min(thickness, box.width);
  const std::int64_t down = std::min(thickness, box.height);
  fill_box(image, {box.left, box.top, box.width, down}, colour);
  fill_box(image, {box.left, box.top + box.height - down, box.width, down}, colour);
  fill_box(image, {box.left, box.top, across, box.height}, colour);
  fill_box(image, {box.left + box.width - across, box.top, across, box.height}, colour);
}

}  // namespace mkt::image
