#pragma once
// Options of training; the defaults are those of the published scripts.

#include <cstdint>
#include <string>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::train {

/// Options of both stages.
struct TrainingOptions {
  artifact::ClipOptions clip;
  artifact::DataOptions data;
  session::ComputeOptions compute;
  session::RankOptions ranks;
  std::string output;
  std::string resume;  ///< empty: a new run; "auto": the newest state under output; otherwise a state file
  std::int64_t checkpoint_every = 500;  ///< steps between states; 0: only after each epoch
  double checkpoint_minutes = 0;        ///< minutes between states, in addition; 0: off
  std::int64_t keep_states = 2;         ///< states that stay, the newest ones
  std::int64_t batch_size = 64;         ///< images per batch of a rank
  std::int64_t accumulate = 1;          ///< batches per step of a rank
  std::int64_t global_batch_size = 0;  ///< images per step over all ranks; 0: batch_size × accumulate × ranks
  std::string loss_average = "image";  ///< "image": every image weighs the same; "rank": every batch
  std::int64_t test_batch_size = 471;  ///< images per batch of the evaluation
  std::int64_t epochs = 20;
  double warmup_epochs = 2;  ///< epochs in which the learning rate rises from 0 to lr
  double lr = 1e-3;          ///< highest learning rate
  double min_lr = 1e-6;      ///< learning rate at the end
  double weight_decay = 0.05;
  std::int64_t seed = 42;
  double momentum = 0.9;        ///< accepted for command lines of the original, which does not use it either
  std::int64_t eval_every = 1;  ///< epochs between evaluations; 0: only after the last one
  std::int64_t limit_train_batches = 0;     ///< most steps per epoch; 0: no limit
  std::int64_t limit_eval_images = 0;       ///< most test images; 0: no limit
  std::string train_transform = "augment";  ///< "augment", or "eval": as the evaluation transforms images
  bool no_shuffle = false;                  ///< images in the order of their list
};

struct Stage1Options {
  Stage1Options() { training.output = "outputs/stage1"; }

  TrainingOptions training;
  double layer_decay = 0.65;    ///< factor on the learning rate per layer below the last
  std::int64_t fix_layer = 10;  ///< layers up to this id stay as they are (optim::layer_id)
};

struct Stage2Options {
  Stage2Options() {
    training.output = "outputs/stage2";
    training.epochs = 4;
    training.warmup_epochs = 0;
    training.min_lr = 1e-8;
  }

  TrainingOptions training;
  std::string ckpt_path;               ///< stage-1 checkpoint, which has the image encoder
  std::int64_t labels_at_once = 1024;  ///< labels whose text graph is in memory together
};

inline const session::RankOptions& ranks_of(const Stage1Options& options) {
  return options.training.ranks;
}
inline const session::RankOptions& ranks_of(const Stage2Options& options) {
  return options.training.ranks;
}

}  // namespace mkt::train
