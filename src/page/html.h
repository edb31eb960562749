#pragma once
// Self-contained HTML pages, and helpers for the text and images on them.

#include <string>
#include <string_view>

namespace mkt::page {

/// Escapes &, <, > and both kinds of quotes as entities: safe between tags and inside quoted attributes.
std::string escape_html(std::string_view text);

/// Truncates UTF-8 text to its first `letters` code points.
std::string whole_letters(std::string_view text, std::size_t letters);

/// Encodes bytes as Base64 with padding. Source: RFC 4648.
std::string base64(std::string_view bytes);

/// Encodes the bytes of a PNG file as a data URI for an <img>.
std::string png_uri(std::string_view png);

/// Returns a complete page with `body`, which must be HTML; `title` is escaped. The style sheet and the
/// script are embedded. The page follows the system's light or dark mode, has one column in narrow windows,
/// and sorts a table with class "sortable" when a column heading is clicked.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace mkt::page
