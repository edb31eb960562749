#pragma once
// The options of `prepare`'s commands for files and their formats.

#include "cli/option_list.h"
#include "formats/formats.h"

namespace mkt::config {

OptionList bind(train::InspectOptions& options);
OptionList bind(train::ConvertOptions& options);

}  // namespace mkt::config
