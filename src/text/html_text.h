#pragma once
// Replaces HTML character references.

#include <string>
#include <string_view>

namespace mkt::text {

/// Replaces all references as browsers do: named, decimal and hexadecimal references; legacy names are also
/// replaced without a semicolon and as the prefix of a longer name. Source: Python's html.unescape.
std::u32string unescape_html(std::u32string_view text);

/// Replaces only references that end in a semicolon, including names in upper case ("&EACUTE;"). Source: ftfy
/// 6, fixes.unescape_html.
std::u32string unescape_html_strictly(std::u32string_view text);

}  // namespace mkt::text
