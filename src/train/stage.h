#pragma once
// What differs between the two stages of training; trainer.h is the loop that they share.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mkt/clip/vision_encoder.h"
#include "mkt/weights/checkpoint.h"
#include "train/losses.h"

namespace mkt::train {

/// A model being trained, with its optimiser.
class Stage {
 public:
  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// "stage 1", for the log.
  virtual std::string name() const = 0;
  /// Whether its losses have the second term.
  virtual bool has_distillation() const = 0;
  /// Options and inputs of this stage that a run's outcome depends on.
  virtual nlohmann::ordered_json identity() const = 0;
  /// "model_3.pth".
  virtual std::string checkpoint_name(std::int64_t epoch) const = 0;

  /// Called before the losses of a step, and after their last backward pass.
  virtual void begin_step() {}
  virtual void end_step() {}
  /// images (B, 3, H, H) normalised; labels (B, S) int8 in {-1, 0, 1}, each row with a present label.
  virtual Losses losses(const torch::Tensor& images, const torch::Tensor& labels) = 0;
  /// What gradients reach. The same order on every rank.
  virtual std::vector<torch::Tensor> parameters() const = 0;
  /// One step of the optimiser.
  virtual void update(double lr) = 0;

  /// Everything that update() changes, by name, and back.
  virtual weights::TensorMap state() = 0;
  virtual void load_state(const weights::TensorMap& state) = 0;
  /// The checkpoint's tensors.
  virtual weights::TensorMap checkpoint() = 0;

  /// For the evaluation of an epoch; both are used before the next step.
  virtual clip::FrozenVisionEncoder image_encoder() = 0;
  virtual torch::Tensor label_features() = 0;  // (S + U, D)
};

}  // namespace mkt::train
