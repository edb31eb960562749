#pragma once
// A font of 5 × 7 dots for the printable ASCII characters.

#include <array>
#include <cstdint>

namespace mkt::image {

constexpr std::int64_t kGlyphWidth = 5;
constexpr std::int64_t kGlyphHeight = 7;

/// The rows of a character from top to bottom. The highest of five bits is the leftmost dot. Characters that
/// are not printable look like '?'.
const std::array<std::uint8_t, kGlyphHeight>& glyph(char character);

}  // namespace mkt::image
