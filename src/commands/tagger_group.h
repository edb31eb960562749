#pragma once
// Options that determine the scores in infer and prepare export.

#include <optional>
#include <string>

#include "commands/shared_options.h"
#include "tagging/tagger_options.h"

namespace mkt::commands {

struct TaggerGroup {
  cli::OptionList& list;
  Group labels_group{list, "Labels"};
  Texts label{list, "label", "Labels to choose among"};
  Text labels{list, "labels", "File of labels, one per line"};
  Text data_path{list, "data-path", "Data set whose labels to use if no others are given"};
  ClipOptions clip{list};
  LabelFeatureOptions features{list};
  Group model{list, "Model"};
  Text img_ckpt{list, "img-ckpt", kCkptHelp};
  Text txt_ckpt{list, "txt-ckpt", "Stage-2 checkpoint; default: CLIP's text encoder"};
  cli::Option<std::optional<model::ScoreKind>> score{list, "score", std::nullopt, kScoreHelp};
  Text statistics{list, "statistics", "File of eval --save-statistics, for --score standard"};
  Number seen_penalty{list, "seen-penalty", 0, kPenalties,
                      "Standard deviations of an image's scores to subtract from those of the data set's "
                      "seen labels; needs --data-path"};
  cli::Option<clip::Patches> patches{list, "patches", clip::Patches::kLast, kPatchesHelp};

  /// Converts the options to TaggerOptions.
  tagging::TaggerOptions value(const std::string& thresholds, const session::ComputeOptions& compute) const;
};

/// Returns the names of the options in TaggerGroup.
std::vector<std::string> tagger_option_names();

}  // namespace mkt::commands
