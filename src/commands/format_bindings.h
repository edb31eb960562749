#pragma once
// The options of `prepare`'s commands for files and their formats.

#include "cli/option_list.h"
#include "formats/formats.h"

namespace mkt::commands {

cli::OptionList bind(formats::InspectOptions& options);
cli::OptionList bind(formats::ConvertOptions& options);

}  // namespace mkt::commands
