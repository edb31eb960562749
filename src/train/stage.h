#pragma once
// Interface of a training stage; trainer.h has the loop that both stages share.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mkt/clip/vision_encoder.h"
#include "mkt/weights/checkpoint.h"
#include "train/losses.h"

namespace mkt::train {

/// A model in training, with its losses and its optimiser.
class Stage {
 public:
  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Name for the log: "stage 1".
  virtual std::string name() const = 0;
  /// Whether the losses have a distillation term.
  virtual bool has_distillation() const = 0;
  /// Options and file digests specific to this stage that determine a run's outcome.
  virtual nlohmann::ordered_json identity() const = 0;
  /// File name of an epoch's checkpoint: "model_3.pth".
  virtual std::string checkpoint_name(std::int64_t epoch) const = 0;

  /// Called before the first losses of a step.
  virtual void begin_step() {}
  /// Called after the last backward pass of a step.
  virtual void end_step() {}
  /// Losses of a batch. images (B, 3, H, H) normalised; labels (K, S) int8 in {-1, 0, 1}, each row with a
  /// present label. `rows`, (K) int64 on the device: the images that the labels belong to; undefined: all.
  /// Other images take no part.
  virtual Losses losses(const torch::Tensor& images, const torch::Tensor& labels,
                        const torch::Tensor& rows) = 0;
  /// The loss of scores and labels; its parameters are among the trained ones.
  virtual loss::LabelLoss& label_loss() = 0;
  /// The trained parameters, in the same order on every rank.
  virtual std::vector<torch::Tensor> parameters() const = 0;
  /// Tensors that update() changes in place and that checkpoint(), image_encoder() and label_features() are
  /// computed from, by name: those that a moving average of the weights covers.
  virtual weights::TensorMap averaged() = 0;
  /// Performs one optimiser step at learning rate `lr`.
  virtual void update(double lr) = 0;

  /// Everything that update() changes, by name.
  virtual weights::TensorMap state() = 0;
  /// Restores what state() returned.
  virtual void load_state(const weights::TensorMap& state) = 0;
  /// Tensors of the checkpoint file.
  virtual weights::TensorMap checkpoint() = 0;

  /// Image encoder with the current weights, for an evaluation; valid until the next step.
  virtual clip::FrozenVisionEncoder image_encoder() = 0;
  /// Label features with the current weights, seen labels first: (S + U, D); valid until the next step.
  virtual torch::Tensor label_features() = 0;
};

}  // namespace mkt::train
