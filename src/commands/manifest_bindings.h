#pragma once
// The options of the commands that make manifests, and of `prepare to-csv`.

#include "cli/option_list.h"
#include "imports/manifest_options.h"

namespace mkt::config {

OptionList bind(prepare::FoldersOptions& options);
OptionList bind(prepare::CsvOptions& options);
OptionList bind(prepare::CocoOptions& options);
OptionList bind(prepare::OpenImagesOptions& options);
OptionList bind(prepare::VocOptions& options);
OptionList bind(prepare::ToCsvOptions& options);

}  // namespace mkt::config
