#pragma once
// HTML pages that need no other file, and the texts and images inside them.

#include <string>
#include <string_view>

namespace mkt::page {

/// `text` with &, <, > and both kinds of quotes as entities: safe between tags and inside quoted attributes.
std::string escape_html(std::string_view text);

/// The first `letters` code points of UTF-8.
std::string whole_letters(std::string_view text, std::size_t letters);

/// Base64 with padding. Source: RFC 4648.
std::string base64(std::string_view bytes);

/// A PNG file as a data URI for an <img>.
std::string png_uri(std::string_view png);

/// A complete page around `body`, which is HTML; `title` is escaped. Style sheet and script are embedded. The
/// page follows the system's light or dark mode, has one column in narrow windows, and sorts a table of class
/// "sortable" when the head of a column is clicked.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace mkt::page
