#pragma once
// Computes statistics across several runs of the demo.

#include <string>
#include <vector>

#include "demo/options.h"

namespace mkt::demo {

struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;  ///< sample standard deviation; 0 for a single value
};
/// Computes mean and deviation. Throws ValueError if `values` is empty.
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

/// Computes mean and deviation across summaries (summary.h) for every number and for the gain by stage 1.
/// Returns a table in percent. Writes options.json if it is set: {"runs", <row>: {<setting>: {<key>: {"mean",
/// "sd"}}}, "gain": {"mean", "sd", "each"}}, in percent.
std::string spread(const SpreadOptions& options);

}  // namespace mkt::demo
