#pragma once
// The page's style sheet and script (page.css, page.js), embedded at build time.

namespace mkt::page {

extern const char* const kStyle;
extern const char* const kScript;

}  // namespace mkt::page
