#pragma once
// The options of `prepare`'s commands for the demo.

#include "cli/option_list.h"
#include "demo/options.h"

namespace mkt::commands {

cli::OptionList bind(demo::DataSetOptions& options);
cli::OptionList bind(demo::PretrainingOptions& options);
cli::OptionList bind(demo::PointingOptions& options);
cli::OptionList bind(demo::SummaryOptions& options);
cli::OptionList bind(demo::SpreadOptions& options);

}  // namespace mkt::commands
