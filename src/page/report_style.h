#pragma once
// Pages that need no other file: their looks and their one behaviour.

#include <string>

namespace mkt::page {

/// A whole page of `body`, which is HTML; `title` is escaped. Light or dark as the reader's system is, one
/// column in narrow windows; a click on a column's head sorts a table of class "sortable".
std::string html_page(const std::string& title, const std::string& body);

}  // namespace mkt::page
