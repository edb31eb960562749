#pragma once
// Summarises an import of NUS-WIDE.

#include <cstddef>
#include <string>
#include <vector>

#include "nus_wide/nus_wide_options.h"
#include "nus_wide/nus_wide_raw.h"
#include "nus_wide/selection.h"

namespace mkt::nus_wide {

/// Writes summary.json and left_out.jsonl into `options.out` and returns a summary for the terminal. `files`
/// is the number of image files on the disk.
std::string write_summary(const NusWideImportOptions& options, const RawNusWide& raw, std::size_t files,
                          const Selection& train, const Selection& test);

}  // namespace mkt::nus_wide
