#pragma once
// The options of each executable: fields of their options structs with their names, ranges and help.

#include "cli/option_list.h"
#include "labels/label_emb_options.h"
#include "scoring/eval_options.h"
#include "tagging/tagger_options.h"
#include "train/training_options.h"

namespace mkt::config {

OptionList bind(train::Stage1Options& options);
OptionList bind(train::Stage2Options& options);
OptionList bind(train::EvalOptions& options);
OptionList bind(train::InferOptions& options);
OptionList bind(train::ExportOptions& options);
OptionList bind(train::LabelEmbOptions& options);

}  // namespace mkt::config
