#pragma once
// Single-byte encodings in which UTF-8 is commonly misread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mkt::text {

/// Number of encodings; encoding 0 is Latin-1, and lower numbers are more likely.
constexpr std::size_t kCodePages = 10;

/// The byte that stands for a lost byte (U+FFFD) in encodings that have unassigned bytes.
constexpr char kLostByte = '\x1A';

/// Encodes `text` in an encoding; nullopt if it has characters that the encoding lacks. Unassigned bytes are
/// the code points with the same value. Sources: the Unicode Consortium's mapping tables, and ftfy 6 for the
/// encodings and their order.
std::optional<std::string> encode_in_page(std::u32string_view text, std::size_t page);

/// Whether an encoding has unassigned bytes, which programs replace by U+FFFD; encode_in_page() writes such a
/// character as kLostByte.
bool loses_bytes(std::size_t page);

}  // namespace mkt::text
