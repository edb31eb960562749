#pragma once
// Charts as inline SVG; the page's style sheet colours them by class (s0, s1, s2: a model's series).

#include <string>
#include <vector>

#include "report/report.h"

namespace mkt::report {

/// Precision against recall, a line a model; models without points are left out.
std::string curve_chart(const std::vector<std::vector<metrics::CurvePoint>>& curves);

/// Two areas over one another: present and absent labels' scores.
std::string histogram_chart(const ScoreHistogram& histogram);

/// A label a line: the first model's average precision as a bar, the others' as marks on it.
std::string label_chart(const std::vector<LabelRow>& rows);

/// The names of the series with their colours.
std::string legend(const std::vector<std::string>& models);

}  // namespace mkt::report
