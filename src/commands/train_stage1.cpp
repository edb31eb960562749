// train_stage1: fine-tunes CLIP's image encoder.

#include "commands/commands.h"
#include "commands/training_group.h"
#include "train/stage1.h"

namespace mkt::commands {
namespace {

const TrainingPresets kStage1Presets{"outputs/stage1", 20, 2, 1e-6, "Learning rate of the last layer"};

struct Stage1Options {
  cli::OptionList list;
  DataOptions data{list};
  ClipOptions clip{list};
  LabelFeatureOptions features{list};
  Group training{list, "Training"};
  OptimisationOptions steps{list, kStage1Presets};
  Number layer_decay{list, "layer-decay", 0.65, cli::between(0, 1),
                     "Factor on the learning rate per layer below the last"};
  Integer fix_layer{list, "fix-layer", 10, kNotNegative, "Blocks below this one keep CLIP's weights"};
  RunOptions run{list, kStage1Presets};
};

int run_stage1(const Stage1Options& options) {
  return run_training(options.steps, options.run, [&](session::Session& session) {
    return train::train_stage1(
        {training_options(options.data, options.clip, &options.features, options.steps, options.run),
         options.layer_decay, options.fix_layer},
        options.list.toml(), session);
  });
}

}  // namespace

Command train_stage1() {
  return {"train_stage1", "Stage 1 of MKT: tunes CLIP's image encoder on a data set's seen labels.",
          "--data-path NUS-WIDE --clip-path ViT-B-16.pt --output outputs/stage1", calls(run_stage1)};
}

}  // namespace mkt::commands
