#pragma once
// The options of `prepare`'s commands for the demo.

#include "cli/option_list.h"
#include "demo/options.h"

namespace mkt::config {

OptionList bind(demo::DataSetOptions& options);
OptionList bind(demo::PretrainingOptions& options);
OptionList bind(demo::PointingOptions& options);
OptionList bind(demo::SummaryOptions& options);
OptionList bind(demo::SpreadOptions& options);

}  // namespace mkt::config
