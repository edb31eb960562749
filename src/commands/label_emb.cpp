// prepare label-emb: writes CLIP's text features for the labels of a data set.

#include <iostream>

#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "labels/labels.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct LabelEmbOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text data_path{list, "data-path", kRequired, kDataPathHelp};
  Text output{list, "output", "File to write; default: label_emb.pt in the data set"};
  TextSideOptions clip{list};
  LabelFeatureOptions features{list};
  ComputeOptions compute{list};
};

int run_label_emb(const LabelEmbOptions& options) {
  end_on_signals("prepare label-emb");
  const session::Runtime runtime = session::make_runtime(options.compute.value());
  std::cout << labels::write_label_features(options.data_path, options.output,
                                            label_inputs(options.clip, options.features, ""), runtime)
            << "\n";
  return kExitDone;
}

}  // namespace

Command label_emb() {
  return {"prepare label-emb", "Writes CLIP's text features of a data set's labels.",
          "--data-path NUS-WIDE --clip-path ViT-B-16.pt", calls(run_label_emb)};
}

}  // namespace mkt::commands
