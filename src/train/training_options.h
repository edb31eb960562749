#pragma once
// Options of training. The commands train_stage1 and train_stage2 define the defaults and set every field.

#include <cstdint>
#include <string>

#include "artifact/preprocessing_choice.h"
#include "labels/label_cache.h"
#include "loss/label_loss.h"
#include "mkt/data/loader.h"
#include "mkt/model/pooling.h"
#include "scoring/loading.h"
#include "scoring/protocol.h"
#include "session/session_options.h"

namespace mkt::train {

/// Method of averaging a step's losses.
enum class LossAverage {
  kImage,  ///< over all images of the step
  kRank,   ///< over the means of its batches, as in the published code
};

/// Options of both stages.
struct TrainingOptions {
  labels::LabelInputs text;                     ///< CLIP weights and text encoder; text.labels is ignored
  model::LocalPooling local;                    ///< of patches; scale 0: see artifact::complete_pooling
  std::int64_t input_size;                      ///< pixels per side; 0: the size stored in the weights
  artifact::PreprocessingChoice preprocessing;  ///< of images; without a preset MKT's, or the checkpoint's
  std::string data_path;                        ///< data set (data::load_dataset)
  scoring::Decoding decoding;
  session::Precision precision;
  std::string output;  ///< the run's folder
  std::string resume;  ///< empty: a new run; "auto": the newest state of `output`; otherwise a state file
  std::int64_t checkpoint_every;   ///< steps between states; 0: only after each epoch
  double checkpoint_minutes;       ///< minutes between states, in addition; 0: off
  std::int64_t keep_states;        ///< number of newest states to keep
  std::int64_t batch_size;         ///< images per batch on each rank
  std::int64_t accumulate;         ///< batches per step on each rank
  std::int64_t global_batch_size;  ///< images per step over all ranks; 0: batch_size × accumulate × ranks
  LossAverage loss_average;
  std::int64_t test_batch_size;  ///< images per batch of the evaluation
  std::int64_t epochs;
  double warmup_epochs;  ///< number of epochs over which the learning rate rises from 0 to lr
  double lr;             ///< maximum learning rate
  double min_lr;         ///< learning rate at the end
  double weight_decay;
  std::int64_t seed;                 ///< seed for initial weights, image order and augmentation
  std::int64_t eval_every;           ///< epochs between evaluations; 0: only after the last
  std::int64_t limit_train_batches;  ///< maximum number of steps per epoch; 0: no limit
  std::int64_t limit_eval_images;    ///< maximum number of test images; 0: no limit
  data::Transform train_transform;
  bool no_shuffle;  ///< whether images keep their list order
  loss::LabelLossOptions label_loss;
  double ema;                           ///< decay of the weights' moving average, below 1; 0: off
  scoring::MetricOptions metrics = {};  ///< metrics of the evaluations
};

struct Stage1Options {
  TrainingOptions training;
  double layer_decay;      ///< factor on the learning rate per layer below the last
  std::int64_t fix_layer;  ///< blocks below this one keep CLIP's weights
};

struct Stage2Options {
  TrainingOptions training;
  std::string ckpt_path;        ///< stage-1 checkpoint with the image encoder
  std::int64_t labels_at_once;  ///< number of labels whose text graph is in memory at the same time
};

}  // namespace mkt::train

template <>
struct mkt::Names<mkt::train::LossAverage> {
  static constexpr NameTable<train::LossAverage, 2> kTable{
      {{train::LossAverage::kImage, "image"}, {train::LossAverage::kRank, "rank"}}};
};
