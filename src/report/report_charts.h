#pragma once
// Draws charts as inline SVG; the page's style sheet colours them by class (s0 to s4: one per model).

#include <string>
#include <vector>

#include "report/report.h"

namespace mkt::report {

/// Draws precision against recall, one curve per model; models without points are left out.
std::string curve_chart(const std::vector<std::vector<metrics::CurvePoint>>& curves);

/// Draws the score distributions of present and absent labels as two overlaid areas.
std::string histogram_chart(const ScoreHistogram& histogram);

/// Draws one bar per label: the first model's average precision. Marks on it show the other models'.
std::string label_chart(const std::vector<LabelRow>& rows);

/// Lists the models' names with their colours.
std::string legend(const std::vector<std::string>& models);

}  // namespace mkt::report
