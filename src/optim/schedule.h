#pragma once
// Learning-rate schedule.

namespace mkt::optim {

/// Linear warm-up from 0 to lr, then half a cosine from lr to min_lr. Source: MAE's adjust_learning_rate.
struct CosineSchedule {
  double lr = 1e-3;
  double min_lr = 1e-6;
  double warmup_epochs = 2.0;
  double epochs = 20.0;

  /// Returns the learning rate at a fractional epoch (≥ 0); min_lr if epoch ≥ epochs.
  double at(double epoch) const;
};

}  // namespace mkt::optim
