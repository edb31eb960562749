#pragma once
// Replacement of HTML character references.

#include <string>
#include <string_view>

namespace mkt::text {

/// Replaces all references as browsers do: named, decimal and hexadecimal ones; legacy names also without a
/// semicolon and at the beginning of a longer word. Source: Python's html.unescape.
std::u32string unescape_html(std::u32string_view text);

/// Replaces only references that end in a semicolon; also names in upper case ("&EACUTE;"). Source: ftfy 6,
/// fixes.unescape_html.
std::u32string unescape_html_strictly(std::u32string_view text);

}  // namespace mkt::text
