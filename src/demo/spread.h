#pragma once
// Statistics over several runs of the demo.

#include <string>
#include <vector>

#include "demo/options.h"

namespace mkt::demo {

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  ///< sample standard deviation; 0 for a single value
};
/// Throws ValueError if `values` is empty.
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

/// Mean and deviation of all numbers of several summaries (summary.h) and of stage 1's gain, as a table in
/// percent. Writes options.json if it is set: {"runs", <row>: {<setting>: {<key>: {"mean", "sd"}}}, "gain":
/// {"mean", "sd", "each"}}, in percent.
std::string spread(const SpreadOptions& options);

}  // namespace mkt::demo
