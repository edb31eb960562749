#pragma once
// The report as one page that needs nothing else.

#include <string>

#include "report/report.h"

namespace mkt::report {

/// A whole HTML document: style, script, charts and pictures are inside. Whatever comes from outside (labels,
/// names, paths) is escaped.
std::string to_html(const Report& report);

}  // namespace mkt::report
