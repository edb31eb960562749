#pragma once
// Writes a tagger as an exported model (artifact/exported_model.h).

#include <string>

#include "tagging/tagger_options.h"

namespace mkt::tagging {

/// Writes the exported model `options.output` atomically, after all checks, and reads it back. Returns one
/// line that describes it. Label features are those that infer computes from the same options in fp32. Throws
/// ValueError naming an option, c10::Error naming an invalid file or a tensor whose values are too large for
/// the dtype.
std::string export_model(const ExportOptions& options);

}  // namespace mkt::tagging
