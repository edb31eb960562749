#pragma once
// Detects characters in an order that is unlikely in any language.

#include <string_view>

namespace mkt::text {

/// Whether `text` looks like text that was decoded with the wrong encoding. Source: ftfy 6, is_bad.
bool is_bad(std::u32string_view text);

}  // namespace mkt::text
