// train_stage2: tunes the prompt around the labels; the image encoder is frozen.

#include "commands/commands.h"
#include "commands/training_group.h"
#include "train/stage2.h"

namespace mkt::commands {
namespace {

const TrainingPresets kStage2Presets{"outputs/stage2", 4, 0, 1e-8, "Learning rate"};

struct Stage2Options {
  cli::OptionList list;
  DataOptions data{list};
  ClipOptions clip{list};
  Group training{list, "Training"};
  Text ckpt_path{list, "ckpt-path", kRequired, "Stage-1 checkpoint; its image encoder is not changed"};
  OptimisationOptions steps{list, kStage2Presets};
  Integer labels_at_once{list, "labels-at-once", 1024, kPositive,
                         "Labels whose text graph is in memory together; fewer need less memory"};
  RunOptions run{list, kStage2Presets};
};

int run_stage2(const Stage2Options& options) {
  return run_training(options.steps, options.run, [&](session::Session& session) {
    return train::train_stage2(
        {training_options(options.data, options.clip, nullptr, options.steps, options.run), options.ckpt_path,
         options.labels_at_once},
        options.list.toml(), session);
  });
}

}  // namespace

Command train_stage2() {
  return {"train_stage2",
          "Stage 2 of MKT: tunes the prompt around the labels; the image encoder stays as stage 1 left it.",
          "--data-path NUS-WIDE --clip-path ViT-B-16.pt --ckpt-path outputs/stage1/model_epoch_19.pth "
          "--nproc-per-node 8",
          calls(run_stage2)};
}

}  // namespace mkt::commands
