#pragma once
// Options shared by both training stages.

#include <functional>
#include <string>

#include "commands/shared_options.h"
#include "session/session.h"
#include "train/training_options.h"

namespace mkt::commands {

/// Defaults and help that differ between the stages.
struct TrainingPresets {
  const char* output;
  std::int64_t epochs;
  double warmup_epochs;
  double min_lr;
  const char* lr_help;
};

inline const cli::Bounds kBatch = cli::between(1, 1 << 20);  // products of batch sizes must not overflow

/// Options for the loss of labels.
struct LossOptions {
  cli::OptionList& list;
  cli::Option<loss::LossKind> kind{
      list, "loss", loss::LossKind::kRank,
      "rank: hinge over present and absent labels, as published; smooth-rank: softplus over the same pairs; "
      "asymmetric: focal cross-entropy of scaled cosines; multi-match: contrastive over all pairs of a step"};
  Number margin{list, "margin", loss::LabelLossOptions{}.margin, cli::between(0, 1e6),
                "Margin of --loss rank"};
  Number scale{
      list, "loss-scale", 0, cli::between(0, 1e6),
      "Factor on the scores in the other losses; 0: 20, and CLIP's logit scale for asymmetric, which "
      "trains it"};

  loss::LabelLossOptions value() const { return {*kind, *margin, *scale}; }
};

struct OptimisationOptions {
  OptimisationOptions(cli::OptionList& options, const TrainingPresets& given)
      : list(options), presets(given) {}

  cli::OptionList& list;
  TrainingPresets presets;
  Integer batch_size{list, "batch-size", 64, kBatch, "Images per batch of a rank"};
  Integer accumulate{list, "accumulate", 1, kBatch, "Batches per step of a rank"};
  Integer global_batch_size{list, "global-batch-size", 0, cli::between(0, 1 << 30),
                            "Images per step over all ranks, instead of --batch-size; 0: off"};
  cli::Option<train::LossAverage> loss_average{
      list, "loss-average", train::LossAverage::kImage,
      "image: over all images of a step; rank: over the means of batches, as in the original"};
  Integer epochs{list, "epochs", presets.epochs, kPositive, "Passes over the training images"};
  Number warmup_epochs{list, "warmup-epochs", presets.warmup_epochs, kNotNegative,
                       "Epochs of linear warm-up"};
  Number lr{list, "lr", 1e-3, kNotNegative, presets.lr_help};
  Number min_lr{list, "min-lr", presets.min_lr, kNotNegative, "Learning rate at the end"};
  Number weight_decay{list, "weight-decay", 0.05, kNotNegative, "Decoupled weight decay of matrices"};
  Integer seed{list, "seed", 42, kNotNegative, "Seed of order and augmentation"};
  cli::Option<data::Transform> train_transform{list, "train-transform", data::Transform::kAugment,
                                               "eval: no randomness, to compare runs"};
  Flag no_shuffle{list, "no-shuffle", "Keep the order of the image list"};
  Integer limit_train_batches{list, "limit-train-batches", 0, kNotNegative, "Most steps per epoch; 0: all"};
  Number momentum{list, "momentum", 0.9, "Accepted and ignored, as in the original"};
  LossOptions loss{list};
  Number ema{
      list, "ema", 0, cli::between(0, 1),
      "Decay per step of a moving average of the weights, which has its own checkpoints and evaluations; "
      "0: off"};

  /// Throws ValueError naming an option that the loss does not use, or cannot be combined with.
  void check_loss() const;
};

struct RunOptions {
  RunOptions(cli::OptionList& options, const TrainingPresets& given) : list(options), presets(given) {}

  cli::OptionList& list;
  TrainingPresets presets;
  Group evaluation{list, "Evaluation"};
  Integer test_batch_size{list, "test-batch-size", 471, kPositive, "Images per step of the evaluation"};
  Integer eval_every{list, "eval-every", 1, kNotNegative,
                     "Epochs between evaluations; 0: only after the last"};
  Integer limit_eval_images{list, "limit-eval-images", 0, kNotNegative, "Number of images; 0: all"};
  MetricOptions metrics{list};
  Group run{list, "Run"};
  Text output{list, "output", presets.output, "Folder of checkpoints, metrics, log and state"};
  Text resume{list, "resume", "", cli::alone(cli::kAuto),
              "Continue from the newest state, or from this file"};
  Integer checkpoint_every{list, "checkpoint-every", 500, kNotNegative,
                           "Steps between states; 0: only after an epoch"};
  Number checkpoint_minutes{list, "checkpoint-minutes", 0, kNotNegative,
                            "Minutes between states, in addition; 0: off"};
  Integer keep_states{list, "keep-states", 2, cli::between(1, 1000), "Number of newest states to keep"};
  ComputeOptions compute{list};
  RankOptions ranks{list};
};

/// Converts the options to TrainingOptions. If `features` is null, label features are not used.
train::TrainingOptions training_options(const DataOptions& data, const ClipOptions& clip,
                                        const LabelFeatureOptions* features, const OptimisationOptions& steps,
                                        const RunOptions& run);

/// Runs `train` on all ranks; rank 0 prints the path that `train` returns.
int run_training(const OptimisationOptions& steps, const RunOptions& run,
                 const std::function<std::string(session::Session&)>& train);

}  // namespace mkt::commands
