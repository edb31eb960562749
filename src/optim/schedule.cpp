#include "optim/schedule.h"

#include <cmath>

namespace mkt::optim {

double CosineSchedule::at(double epoch) const {
  constexpr double kPi = 3.14159265358979323846;
  if (epoch < warmup_epochs) return lr * epoch / warmup_epochs;
  if (epoch >= epochs) return min_lr;
  const double progress = (epoch - warmup_epochs) / (epochs - warmup_epochs);
  return min_lr + (lr - min_lr) * 0.5 * (1.0 + std::cos(kPi * progress));
}

}  // namespace mkt::optim
