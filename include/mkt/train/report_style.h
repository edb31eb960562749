#pragma once
// The page's looks and its one behaviour.

namespace mkt::train {

/// CSS: light or dark as the reader's system is, one column in narrow windows.
extern const char* const kReportStyle;

/// JavaScript: a click on a column's head sorts its table.
extern const char* const kReportScript;

}  // namespace mkt::train
