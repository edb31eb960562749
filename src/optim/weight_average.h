#pragma once
// Exponential moving average of trained weights.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "optim/adamw.h"

namespace mkt::optim {

/// Throws ValueError ("ema: …") unless `decay` is at least 0 and below 1.
void check_ema_decay(double decay);

/// Averages tensors over the updates of a training run: average = decay · average + (1 − decay) · tensor
/// after each update. It starts at the tensors' initial values, with a constant decay and without bias
/// correction, as timm's ModelEmaV2 does: the initial weights are CLIP's, which an early average
/// may stay near. Works on the tensors' devices without synchronisation. Equal updates give equal averages on
/// every rank.
class WeightAverage {
 public:
  /// `tensors`: floating-point tensors by name, which the training updates in place. Throws ValueError as
  /// check_ema_decay() does.
  WeightAverage(const State& tensors, double decay);

  /// Adds the tensors' current values to the averages.
  void update();
  /// Exchanges the values of tensors and averages, bit by bit; a second call undoes the first.
  void exchange();

  /// Returns the averages by name with the prefix "ema.", on the CPU; valid until the next update.
  State state() const;
  /// Removes the tensors with the prefix "ema." from `state` and restores the averages from them. Throws
  /// c10::Error naming the file `source` if a tensor is missing, unknown or of another shape.
  void take_state(State& state, const std::string& source);

 private:
  std::vector<std::string> names_;
  std::vector<torch::Tensor> tensors_;
  std::vector<torch::Tensor> averages_;
  double decay_;
};

/// While it exists, the averaged tensors have the values of their averages.
class AveragedWeights {
 public:
  explicit AveragedWeights(WeightAverage& average) : average_(average) { average_.exchange(); }
  ~AveragedWeights() { average_.exchange(); }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  WeightAverage& average_;
};

}  // namespace mkt::optim
