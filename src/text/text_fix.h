#pragma once
// Repair of damaged text as ftfy does it, as far as labels can meet it.

#include <string>
#include <string_view>

namespace mkt::text {

/// `text` with HTML entities unescaped (in lines before the first "<"), UTF-8 that was read as Windows-1252
/// read right, C1 controls read as Windows-1252, Latin ligatures apart, full- and half-width characters at
/// their usual width, curly quotes straight, line breaks as "\n", terminal escapes and control characters
/// removed, in NFC; repeated until nothing changes (at most kFixRounds times, so that no text takes quadratic
/// time). Source: ftfy 6, fix_text.
std::u32string fix_text(std::u32string_view text);

constexpr int kFixRounds = 32;

/// `text` with each stretch that is UTF-8 read as Windows-1252 (or Latin-1) decoded: "cafÃ©" → "café". A
/// stretch counts where its characters are unlikely in that order in any language. ftfy's heuristics know
/// more encodings.
std::u32string fix_mojibake(std::u32string_view text);

}  // namespace mkt::text
