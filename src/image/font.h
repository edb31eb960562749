#pragma once
// A font of 5 by 7 dots for the printable characters of ASCII.

#include <array>
#include <cstdint>

namespace mkt::image {

constexpr std::int64_t kGlyphWidth = 5;
constexpr std::int64_t kGlyphHeight = 7;

/// A character's rows from the top; a row's leftmost dot is the highest of five bits. What is not printable
/// looks like '?'.
const std::array<std::uint8_t, kGlyphHeight>& glyph(char character);

}  // namespace mkt::image
