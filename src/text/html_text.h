#pragma once
// HTML character references.

#include <string>
#include <string_view>

namespace mkt::text {

/// `text` with all references replaced as browsers do: named ones, legacy ones also without semicolon and as
/// the beginning of a longer word, decimal and hexadecimal ones. Source: Python's html.unescape.
std::u32string unescape_html(std::u32string_view text);

/// The stricter replacement of ftfy: only references that end in a semicolon; also names in upper case
/// ("&EACUTE;"). Source: ftfy 6, fixes.unescape_html.
std::u32string unescape_html_strictly(std::u32string_view text);

}  // namespace mkt::text
