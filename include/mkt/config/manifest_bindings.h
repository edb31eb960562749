#pragma once
// The options of `prepare folders`, `prepare csv`, `prepare coco` and `prepare to-csv`.

#include "mkt/config/option_list.h"
#include "mkt/prepare/manifest_options.h"

namespace mkt::config {

OptionList bind(prepare::FoldersOptions& options);
OptionList bind(prepare::CsvOptions& options);
OptionList bind(prepare::CocoOptions& options);
OptionList bind(prepare::ToCsvOptions& options);

}  // namespace mkt::config
