#pragma once
// Computes statistics across several runs of the demo.

#include <string>

#include "demo/options.h"

namespace mkt::demo {

/// Computes mean and deviation across summaries (summary.h) for every number and for the gain by stage 1, and
/// the paired differences between the recommended and the published recipe if the summaries have both.
/// Returns tables in percent. Writes options.json if it is set: {"runs", <row>: {<setting>: {<key>: {"mean",
/// "sd"}}}, "differences" (result_table.h), "gain": {"mean", "sd", "each"}}, in percent. Throws c10::Error
/// naming a file that is not a summary or has other columns than the first.
std::string spread(const SpreadOptions& options);

}  // namespace mkt::demo
