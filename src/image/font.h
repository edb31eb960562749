#pragma once
// Bitmap font with 5 × 7 dots per printable ASCII character.

#include <array>
#include <cstdint>

namespace mkt::image {

constexpr std::int64_t kGlyphWidth = 5;
constexpr std::int64_t kGlyphHeight = 7;

/// Returns the character's rows from top to bottom. The highest of a row's five bits is the leftmost dot.
/// Returns the glyph for '?' if the character is not printable.
const std::array<std::uint8_t, kGlyphHeight>& glyph(char character);

}  // namespace mkt::image
