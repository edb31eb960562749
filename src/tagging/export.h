#pragma once
// prepare export: one file to deploy (exported_model.h).

#include <string>

#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// Writes `options.output`, atomically, after everything that may be refused was; returns one line that says
/// what is in it. Label features are those that infer makes of the same options at its own default precision.
/// Throws ValueError naming the flag (--output: there is a file, and no --overwrite), c10::Error naming the
/// file that does not fit or a tensor too large for the precision.
std::string export_model(const ExportOptions& options);

}  // namespace mkt::tagging
