#pragma once
// What a step's losses and gradients come to over all its batches, on all ranks.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "session/session.h"
#include "train/losses.h"

namespace mkt::train {

/// The same on every rank.
struct StepResult {
  double rank_loss = 0;  ///< means over the step's images
  double dist_loss = 0;
  std::int64_t images = 0;   ///< with a present label
  double gradient_norm = 0;  ///< L2, over all parameters
  int stop = 0;              ///< SIGTERM or SIGINT where a rank was asked to stop
};

/// One rank's share of a step, batch by batch.
class StepSums {
 public:
  explicit StepSums(const torch::Device& device);

  /// Adds a batch of `images` images, whose gradients are already in the parameters, times `weight`.
  void add(const Losses& losses, double weight, std::int64_t images);
  /// Sums losses and the parameters' gradients over the ranks and divides by the sum of the weights times
  /// `scale`, the factor on the loss. Reads back from the device once.
  StepResult exchange(const std::vector<torch::Tensor>& parameters, double scale,
                      session::Session& session) const;

 private:
  torch::Tensor losses_;  // (2) float64 on the device: weighted sums of both terms
  double weight_ = 0;
  std::int64_t images_ = 0;
};

/// All gradients become zeros, also where there were none: a rank without images takes part with them.
void zero_gradients(const std::vector<torch::Tensor>& parameters);

}  // namespace mkt::train
