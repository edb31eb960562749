// prepare label-emb: writes CLIP's text features for the labels of a data set.

#include <iostream>

#include "artifact/encoders.h"
#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "labels/labels.h"
#include "mkt/core/error.h"
#include "mkt/data/dataset.h"
#include "mkt/weights/checkpoint.h"

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
  labels::LabelInputs inputs = label_inputs(options.clip, options.features, "");
  inputs.labels = data::load_dataset_labels(options.data_path);
  const std::string path =
      options.output->empty() ? data::label_features_path(options.data_path) : *options.output;
  io::require_writable("output", path);
  const session::Runtime runtime = session::make_runtime(options.compute.value());
  const clip::TensorMap clip = artifact::load_clip(inputs.clip_path, 0);
  const torch::Tensor features = labels::encode_labels(inputs, clip, runtime);
  weights::save_tensor(path, features.cpu());
  log::info("wrote {}: {} labels, {} features", path, features.size(0), features.size(1));
  std::cout << path << "\n";
  return kExitDone;
}

}  // namespace

Command label_emb() {
  return {"prepare label-emb", "Writes CLIP's text features of a data set's labels.",
          "--data-path NUS-WIDE --clip-path ViT-B-16.pt", calls(run_label_emb)};
}

}  // namespace mkt::commands
