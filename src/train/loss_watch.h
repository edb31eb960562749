#pragma once
// Watches the losses and gradients of a run for signs that it cannot learn.

#include <cstdint>
#include <string>

#include "train/step.h"

namespace mkt::train {

/// Decision about a step, the same on every rank.
struct StepVerdict {
  enum class Action {
    kUpdate,  ///< the optimiser takes the step
    kSkip,    ///< the step has no images, or its gradients overflowed in fp16
    kFail,    ///< the run must end
  };
  Action action = Action::kUpdate;
  std::string message;  ///< why the run fails, or a warning; empty: nothing to report
};

/// Sees every step of a run in turn, and decides whether the optimiser takes it.
class LossWatch {
 public:
  /// Starts the observation of an epoch's losses.
  void begin_epoch();

  /// Decides about a step. `can_rescale`: a smaller loss scale may cure a gradient that is not finite.
  StepVerdict check(const StepResult& result, bool can_rescale);

  /// A warning if the losses of at least 10 steps of this epoch do not differ; otherwise empty.
  std::string stuck_loss() const;

 private:
  void count_equal_scores(double rank_loss);

  std::int64_t steps_ = 0;  // of this epoch, with images
  double least_loss_ = 0;   // among those steps
  double greatest_loss_ = 0;
  std::int64_t equal_scores_ = 0;  // consecutive steps whose scores look equal
};

/// Whether both losses are finite.
bool losses_are_finite(const StepResult& result);

}  // namespace mkt::train
