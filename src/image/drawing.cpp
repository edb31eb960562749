#include "image/drawing.h"

#include <algorithm>

#include "core/utf8.h"
#include "image/font.h"

namespace mkt::image {
namespace {

constexpr std::int64_t kAdvance = kGlyphWidth + 1;  // one dot between characters

}  // namespace

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

std::string drawable(const std::string& text) {
  std::string shown;
  for (const char32_t c : decode_utf8(text)) shown += c < U' ' || c > U'~' ? '?' : static_cast<char>(c);
  return shown;
}

std::int64_t text_width(const std::string& text, std::int64_t scale) {
  const auto letters = static_cast<std::int64_t>(drawable(text).size());
  return letters == 0 ? 0 : (letters * kAdvance - 1) * scale;
}

std::int64_t text_height(std::int64_t scale) {
  return kGlyphHeight * scale;
}

std::string fitted_text(const std::string& text, std::int64_t width, std::int64_t scale) {
  std::string shown = drawable(text);
  if (text_width(shown, scale) <= width) return shown;
  while (!shown.empty() && text_width(shown + "..", scale) > width) shown.pop_back();
  return shown.empty() ? shown : shown + "..";
}

void draw_text(torch::Tensor& image, std::int64_t left, std::int64_t top, const std::string& text,
               std::int64_t scale, const Colour& colour) {
  for (const char c : drawable(text)) {
    const auto& rows = glyph(c);
    for (std::int64_t y = 0; y < kGlyphHeight; ++y) {
      for (std::int64_t x = 0; x < kGlyphWidth; ++x) {
        const unsigned dot = 1U << static_cast<unsigned>(kGlyphWidth - 1 - x);
        if ((rows[static_cast<std::size_t>(y)] & dot) == 0) continue;
        fill_box(image, {left + x * scale, top + y * scale, scale, scale}, colour);
      }
    }
    left += kAdvance * scale;
  }
}

}  // namespace mkt::image
