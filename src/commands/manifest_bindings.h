#pragma once
// The options of the commands that make manifests, and of `prepare to-csv`.

#include "cli/option_list.h"
#include "imports/manifest_options.h"

namespace mkt::commands {

cli::OptionList bind(imports::FoldersOptions& options);
cli::OptionList bind(imports::CsvOptions& options);
cli::OptionList bind(imports::CocoOptions& options);
cli::OptionList bind(imports::OpenImagesOptions& options);
cli::OptionList bind(imports::VocOptions& options);
cli::OptionList bind(imports::ToCsvOptions& options);

}  // namespace mkt::commands
