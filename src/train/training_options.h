#pragma once
// Options of training, filled by the commands train_stage1 and train_stage2, which have the defaults.

#include <cstdint>
#include <string>

#include "labels/label_cache.h"
#include "mkt/data/loader.h"
#include "scoring/loading.h"
#include "session/session_options.h"

namespace mkt::train {

/// How a step's losses are averaged.
enum class LossAverage {
  kImage,  ///< over all images of the step
  kRank,   ///< over the means of its batches, as in the original
};

/// Options of both stages.
struct TrainingOptions {
  labels::LabelInputs text;  ///< CLIP weights and text side; its `labels` are ignored
  std::int64_t topk;         ///< best patches of an image per label
  std::int64_t input_size;   ///< pixels per side; 0: the weights' own
  std::string data_path;     ///< data set (data::load_dataset)
  scoring::Decoding decoding;
  session::Precision precision;
  std::string output;  ///< the run's folder
  std::string resume;  ///< empty: a new run; "auto": the newest state of `output`; otherwise a state file
  std::int64_t checkpoint_every;   ///< steps between states; 0: only after each epoch
  double checkpoint_minutes;       ///< minutes between states, in addition; 0: off
  std::int64_t keep_states;        ///< number of newest states that are kept
  std::int64_t batch_size;         ///< images per batch of a rank
  std::int64_t accumulate;         ///< batches per step of a rank
  std::int64_t global_batch_size;  ///< images per step over all ranks; 0: batch_size × accumulate × ranks
  LossAverage loss_average;
  std::int64_t test_batch_size;  ///< images per batch of the evaluation
  std::int64_t epochs;
  double warmup_epochs;  ///< epochs in which the learning rate rises from 0 to lr
  double lr;             ///< highest learning rate
  double min_lr;         ///< learning rate at the end
  double weight_decay;
  std::int64_t seed;                 ///< of initial weights, order and augmentation of the images
  std::int64_t eval_every;           ///< epochs between evaluations; 0: only after the last
  std::int64_t limit_train_batches;  ///< most steps per epoch; 0: no limit
  std::int64_t limit_eval_images;    ///< most test images; 0: no limit
  data::Transform train_transform;
  bool no_shuffle;  ///< images in the order of their list
};

struct Stage1Options {
  TrainingOptions training;
  double layer_decay;      ///< factor on the learning rate per layer below the last
  std::int64_t fix_layer;  ///< blocks below this one keep CLIP's weights
};

struct Stage2Options {
  TrainingOptions training;
  std::string ckpt_path;        ///< stage-1 checkpoint, which has the image encoder
  std::int64_t labels_at_once;  ///< labels whose text graph is in memory together
};

}  // namespace mkt::train

template <>
struct mkt::Names<mkt::train::LossAverage> {
  static constexpr NameTable<train::LossAverage, 2> kTable{
      {{train::LossAverage::kImage, "image"}, {train::LossAverage::kRank, "rank"}}};
};
