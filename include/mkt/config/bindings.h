#pragma once
// The options of each executable: fields of their options structs with their names, ranges and help.

#include "mkt/config/option_list.h"
#include "mkt/train/eval_options.h"
#include "mkt/train/label_emb_options.h"
#include "mkt/train/tagger_options.h"
#include "mkt/train/training_options.h"

namespace mkt::config {

OptionList bind(train::Stage1Options& options);
OptionList bind(train::Stage2Options& options);
OptionList bind(train::EvalOptions& options);
OptionList bind(train::InferOptions& options);
OptionList bind(train::ExportOptions& options);
OptionList bind(train::LabelEmbOptions& options);

}  // namespace mkt::config
