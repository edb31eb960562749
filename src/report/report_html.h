#pragma once
// Renders the report as one self-contained page.

#include <string>

#include "report/report.h"

namespace mkt::report {

/// Renders a complete HTML document with style, script, charts and images. Labels, names and paths are
/// escaped.
std::string to_html(const Report& report);

}  // namespace mkt::report
