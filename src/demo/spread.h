#pragma once
// Several demos together.

#include <string>
#include <vector>

#include "demo/options.h"

namespace mkt::demo {

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  ///< of a sample; 0 where there is one value
};
/// Throws ValueError for no values.
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

/// Mean and deviation over summaries (summary.h) of all their numbers and of stage 1's gain, as a table in
/// percent; written to options.json too where that is set: {"runs", <row>: {<setting>: {<key>: {"mean",
/// "sd"}}}, "gain": {"mean", "sd", "each"}}, in percent.
std::string spread(const SpreadOptions& options);

}  // namespace mkt::demo
