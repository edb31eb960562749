#pragma once
// Charts as inline SVG; the page's style sheet colours them by class (s0, s1, s2: one per model).

#include <string>
#include <vector>

#include "report/report.h"

namespace mkt::report {

/// Precision against recall, one curve per model; models without points are left out.
std::string curve_chart(const std::vector<std::vector<metrics::CurvePoint>>& curves);

/// Distributions of the scores of present and absent labels, as two overlaid areas.
std::string histogram_chart(const ScoreHistogram& histogram);

/// One bar per label: the first model's average precision, with the other models' as marks on it.
std::string label_chart(const std::vector<LabelRow>& rows);

/// The names of the series with their colours.
std::string legend(const std::vector<std::string>& models);

}  // namespace mkt::report
