#pragma once
// Texts and pictures inside a page.

#include <string>
#include <string_view>

namespace mkt::page {

/// `text` with &, <, > and both quotes as entities: safe between tags and inside quoted attributes.
std::string escape_html(std::string_view text);

/// The first `letters` code points of UTF-8.
std::string whole_letters(std::string_view text, std::size_t letters);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// A PNG file as the address of an <img>.
std::string png_uri(std::string_view png);

}  // namespace mkt::page
