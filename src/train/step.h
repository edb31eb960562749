#pragma once
// Sums a step's losses and gradients over its batches and all ranks.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "session/session.h"
#include "train/losses.h"

namespace mkt::train {

/// Result of a step, the same on every rank.
struct StepResult {
  double rank_loss = 0;      ///< mean label loss over the step's images
  double dist_loss = 0;      ///< mean distillation loss over the step's images; 0 in stage 2
  std::int64_t images = 0;   ///< images with a present label
  double gradient_norm = 0;  ///< L2 norm over all parameters
  int stop = 0;              ///< SIGTERM or SIGINT if any rank has received a stop signal, otherwise 0
};

/// Sums one rank's batches of a step, then exchanges the sums with the other ranks.
class StepSums {
 public:
  explicit StepSums(const torch::Device& device);

  /// Adds the losses of a batch of `images` images, multiplied by `weight`. The parameters' gradients already
  /// include the batch's gradients, multiplied by the same weight.
  void add(const Losses& losses, double weight, std::int64_t images);
  /// Sums losses and the parameters' gradients over the ranks; divides the losses by the sum of the weights,
  /// and the gradients by that sum times `scale`, the loss-scaling factor. Copies from the device only once.
  StepResult exchange(const std::vector<torch::Tensor>& parameters, double scale,
                      session::Session& session) const;

 private:
  torch::Tensor losses_;  // (2) float64 on the device: weighted sums of both terms
  double weight_ = 0;
  std::int64_t images_ = 0;
};

/// Sets all gradients to zero and creates undefined ones: a rank without images contributes zeros to the sum.
void zero_gradients(const std::vector<torch::Tensor>& parameters);

}  // namespace mkt::train
