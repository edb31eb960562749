#include <algorithm>
#include <memory>

#include "codecs/pixels.h"
#include "image/passes.h"
#include "mkt/codecs/decode.h"
#include "mkt/image/resample.h"

namespace mkt::image {
namespace {

Axis columns_of(const Resize& resize) {
  return {resize.from_width, resize.width,         resize.box.left,    resize.box.width,
          resize.mirrored,   resize.columns.begin, resize.columns.size};
}

Axis rows_of(const Resize& resize) {
  return {resize.from_height, resize.height,   resize.box.top, resize.box.height, false,
          resize.rows.begin,  resize.rows.size};
}

void check_resize(const Resize& resize) {
  const auto& [from_height, from_width, height, width, box, mirrored, rows, columns] = resize;
  TORCH_CHECK_VALUE(
      std::min({from_height, from_width, height, width}) > 0 && std::max(height, width) <= kMaxPixels,
      "resize: expected sides of 1 to ", kMaxPixels, " pixels, got ", width, " x ", height, " from ",
      from_width, " x ", from_height, ". Crop the image to a less extreme shape.");
  check_box(box, height, width);
  TORCH_CHECK_VALUE(box.height <= kMaxPixels / box.width, "resize: expected 1 to ", kMaxPixels,
                    " pixels, got ", box.width, " x ", box.height, " from ", from_width, " x ", from_height,
                    ". Crop the image to a less extreme shape.");
}

}  // namespace

Box input_of(const Resize& resize) {
  check_resize(resize);
  const Span columns = inputs_of(columns_of(resize));
  const Span rows = inputs_of(rows_of(resize));
  return {columns.begin, rows.begin, columns.end - columns.begin, rows.end - rows.begin};
}

torch::Tensor resample(const torch::Tensor& part, const Resize& resize) {
  const Box input = input_of(resize);
  check_interleaved(part);
  TORCH_CHECK_VALUE(part.size(0) == input.height && part.size(1) == input.width, "part: expected ",
                    input.width, " x ", input.height, ", the input of the resize, got ", part.size(1), " x ",
                    part.size(0), ".");
  const Kernel kernel = best_kernel();
  const auto rows = static_cast<std::size_t>(input.height);
  const auto width = static_cast<std::size_t>(resize.box.width);
  const std::size_t stride = padded_bytes(width);
  const std::unique_ptr<std::uint8_t[]> narrow(new std::uint8_t[rows * stride]);
  across({pixels_of(part), static_cast<std::size_t>(part.stride(0)), rows,
          static_cast<std::size_t>(input.width)},
         input.left, Taps(columns_of(resize)), narrow.get(), kernel);
  torch::Tensor result = torch::empty({resize.box.height, resize.box.width, 3}, torch::kUInt8);  // (h, w, 3)
  down({narrow.get(), stride, rows, width}, input.top, Taps(rows_of(resize)), result.data_ptr<std::uint8_t>(),
       kernel);
  return result;
}

torch::Tensor resize(const torch::Tensor& image, std::int64_t height, std::int64_t width) {
  check_image(image);
  const Resize whole{image.size(0), image.size(1), height, width, {0, 0, width, height}};
  return resample(part_of(image, input_of(whole)), whole);
}

}  // namespace mkt::image
