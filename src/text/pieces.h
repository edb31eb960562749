#pragma once
// Splits text into the pieces that byte-pair encoding encodes one by one.

#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

/// Splits cleaned text (clean_text()) by CLIP's pattern. The results are views into `cleaned`. Source: CLIP's
/// simple_tokenizer.py.
std::vector<std::u32string_view> pieces_of(std::u32string_view cleaned);

/// Returns a text that two labels have in common exactly if the tokenizer encodes them alike, whatever its
/// merges: their pieces, separated by spaces.
std::string token_text(std::string_view label);

}  // namespace mkt::text
