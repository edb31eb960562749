#pragma once
// The options of each executable: fields of their options structs with their names, ranges and help.

#include "cli/option_list.h"
#include "labels/label_emb_options.h"
#include "scoring/eval_options.h"
#include "tagging/tagger_options.h"
#include "train/training_options.h"

namespace mkt::commands {

cli::OptionList bind(train::Stage1Options& options);
cli::OptionList bind(train::Stage2Options& options);
cli::OptionList bind(scoring::EvalOptions& options);
cli::OptionList bind(tagging::InferOptions& options);
cli::OptionList bind(tagging::ExportOptions& options);
cli::OptionList bind(labels::LabelEmbOptions& options);

}  // namespace mkt::commands
