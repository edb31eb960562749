#pragma once
// Writes a tagger as one file to deploy (artifact/exported_model.h).

#include <string>

#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// Writes `options.output` atomically, after every check; returns one line that describes the file. Label
/// features are those that infer computes from the same options in fp32. Throws ValueError naming the option,
/// c10::Error naming the file that does not fit or a tensor too large for the dtype.
std::string export_model(const ExportOptions& options);

}  // namespace mkt::tagging
