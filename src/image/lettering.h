#pragma once
// Text in images, in the script of the text: shaped and drawn by Pango with the fonts that fontconfig finds.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "image/drawing.h"

namespace mkt::image {

/// Throws c10::Error if no font is installed.
void require_fonts();

/// One line of UTF-8 text, laid out once. Control characters become spaces, and invalid bytes U+FFFD.
class Lettering {
 public:
  /// `size`: height of the font in pixels. Text wider than `most` pixels is shortened and ends in an
  /// ellipsis; 0: no limit.
  Lettering(const std::string& text, std::int64_t size, std::int64_t most = 0);
  ~Lettering();
  Lettering(Lettering&&) noexcept;
  Lettering& operator=(Lettering&&) noexcept;

  /// Size in pixels.
  std::int64_t width() const;
  std::int64_t height() const;
  /// Characters of the laid out text that no installed font has; they are drawn as boxes.
  std::u32string missing() const;

  /// Draws the text on `image`, contiguous (H, W, 3) uint8, with its upper left corner at (left, top).
  void draw(torch::Tensor& image, std::int64_t left, std::int64_t top, const Colour& colour) const;

 private:
  struct Layout;
  std::unique_ptr<Layout> layout_;
};

}  // namespace mkt::image
