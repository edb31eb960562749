#pragma once
// Watches the losses and gradients of a run for signs that it cannot learn.

#include <cstdint>
#include <optional>
#include <string>

#include "train/step.h"

namespace mkt::train {

/// Decision whether a step's update is applied, the same on every rank.
struct StepVerdict {
  enum class Action {
    kUpdate,  ///< apply the update
    kSkip,    ///< skip the update: the step has no images, or its gradients overflowed in fp16
    kFail,    ///< end the run
  };
  Action action = Action::kUpdate;
  std::string message;  ///< reason for ending the run, or a warning; empty: nothing to report
};

/// Checks each step of a run, in order, and decides whether its update is applied.
class LossWatch {
 public:
  /// `equal_scores_loss`: label loss if all scores of each image are equal; nullopt if that is not a
  /// constant.
  explicit LossWatch(std::optional<double> equal_scores_loss) : equal_scores_loss_(equal_scores_loss) {}

  /// Starts an epoch: resets the statistics of its losses.
  void begin_epoch();

  /// Decides whether a step's update is applied. `can_rescale`: whether a smaller loss scale may make
  /// non-finite gradients finite.
  StepVerdict check(const StepResult& result, bool can_rescale);

  /// Returns a warning if the losses of at least 10 steps of this epoch do not differ; otherwise "".
  std::string stuck_loss() const;

 private:
  void count_equal_scores(double rank_loss);

  std::optional<double> equal_scores_loss_;
  std::int64_t steps_ = 0;  // steps of this epoch that have images
  double least_loss_ = 0;   // minimum and maximum over these steps
  double greatest_loss_ = 0;
  std::int64_t equal_scores_ = 0;  // consecutive steps whose scores appear equal
};

/// Whether both losses are finite.
bool losses_are_finite(const StepResult& result);

}  // namespace mkt::train
