#pragma once
// Repairs incorrectly decoded text: the part of ftfy that is relevant for labels.

#include <string>
#include <string_view>

namespace mkt::text {

/// Repairs a text: HTML references are replaced (in lines before the first "<"), UTF-8 that was decoded in
/// another encoding is decoded again, C1 controls are decoded as Windows-1252, Latin ligatures are split into
/// letters, full-width and half-width characters and curly quotes are replaced by their plain forms, line
/// breaks become "\n", terminal escape sequences and control characters are removed, and the result is
/// normalised to NFC. All steps repeat until the text no longer changes, at most kFixRounds times, so that no
/// text takes quadratic time. Source: ftfy 6, fix_text.
std::u32string fix_text(std::u32string_view text);

constexpr int kFixRounds = 32;

/// Repairs UTF-8 that was decoded in another encoding (code_pages.h), once or several times: "cafÃ©" →
/// "café". Texts are left alone unless characters are in an order that is unlikely in any language
/// (badness.h). Source: ftfy 6, fix_encoding.
std::u32string fix_mojibake(std::u32string_view text);

}  // namespace mkt::text
