#pragma once
// The options of `prepare nus-wide` and `prepare check`.

#include "mkt/config/option_list.h"
#include "mkt/prepare/check_options.h"
#include "mkt/prepare/nus_wide_options.h"

namespace mkt::config {

OptionList bind(prepare::NusWideImportOptions& options);
OptionList bind(prepare::CheckOptions& options);

}  // namespace mkt::config
