#pragma once
// What a user can set of training, with its defaults: those of the published scripts.

#include <cstdint>
#include <string>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::train {

/// What both stages have.
struct TrainingOptions {
  artifact::ClipOptions clip;
  artifact::DataOptions data;
  session::ComputeOptions compute;
  session::RankOptions ranks;
  std::string output;
  std::string resume;  ///< empty: a new run; "auto": the newest state under output; else a state file
  std::int64_t checkpoint_every = 500;  ///< steps between states; 0: only after each epoch
  double checkpoint_minutes = 0;        ///< minutes between states, besides; 0: off
  std::int64_t keep_states = 2;
  std::int64_t batch_size = 64;        ///< images of a rank at once
  std::int64_t accumulate = 1;         ///< batches of a rank in one step
  std::int64_t global_batch_size = 0;  ///< images of a step over all ranks; 0: what the others give
  std::string loss_average = "image";
  std::int64_t test_batch_size = 471;
  std::int64_t epochs = 20;
  double warmup_epochs = 2;
  double lr = 1e-3;
  double min_lr = 1e-6;
  double weight_decay = 0.05;
  std::int64_t seed = 42;
  double momentum = 0.9;  ///< accepted for the original's command lines; unused there too
  std::int64_t eval_every = 1;
  std::int64_t limit_train_batches = 0;  ///< 0: no limit
  std::int64_t limit_eval_images = 0;    ///< 0: no limit
  std::string train_transform = "augment";
  bool no_shuffle = false;
};

struct Stage1Options {
  Stage1Options() { training.output = "outputs/stage1"; }

  TrainingOptions training;
  double layer_decay = 0.65;
  std::int64_t fix_layer = 10;
};

struct Stage2Options {
  Stage2Options() {
    training.output = "outputs/stage2";
    training.epochs = 4;
    training.warmup_epochs = 0;
    training.min_lr = 1e-8;
  }

  TrainingOptions training;
  std::string ckpt_path;               ///< stage-1 checkpoint: the image encoder
  std::int64_t labels_at_once = 1024;  ///< labels whose text graph is in memory together
};

inline const session::RankOptions& ranks_of(const Stage1Options& options) {
  return options.training.ranks;
}
inline const session::RankOptions& ranks_of(const Stage2Options& options) {
  return options.training.ranks;
}

}  // namespace mkt::train
