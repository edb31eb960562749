#pragma once
// The whole of eval.

#include <string>

#include "scoring/eval_options.h"

namespace mkt::report {

/// The whole of `eval`: loads, scores, writes what the options name; returns the table, on ranks other than 0
/// nothing.
std::string run_evaluation(const scoring::EvalOptions& options);

}  // namespace mkt::report
