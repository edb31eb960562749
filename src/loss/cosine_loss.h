#pragma once
// The asymmetric loss of cosines, with a trained scale and bias.

#include "mkt/torch.h"

#include "loss/label_loss.h"
#include "optim/table_adamw.h"

namespace mkt::loss {

/// Asymmetric loss of exp(t) · cosine + b. The scalars t and b are trained. t starts at log(scale). b starts
/// at the first batches of the ranks: the mean logit of their annotated pairs is then the log odds of the
/// share of present pairs among them. Source of the trained scalars: SigLIP, arXiv 2303.15343.
class CosineLoss : public LabelLoss {
 public:
  /// Throws ValueError unless scale > 0. `gather`: empty for a single rank.
  CosineLoss(double scale, const torch::Device& device, GatherRows gather);

  torch::Tensor operator()(const torch::Tensor& cosines, const torch::Tensor& labels) override;
  void skip() override;
  bool of_cosines() const override { return true; }

  std::vector<torch::Tensor> parameters() const override { return {scalars_}; }
  void update(double lr) override { optimizer_.step(lr); }
  void add_state(optim::State& state) const override;
  void take_state(optim::State& state) override;
  /// {"kind", "scale": exp(t), "bias": b}
  nlohmann::ordered_json facts() const override;

 private:
  /// Sets b from the ranks' rows (sum of cosines, number of annotated pairs, number of present pairs) unless
  /// they are all zero.
  void start(const torch::Tensor& row);

  torch::Tensor scalars_;  // (2) float32: t, b; b is NaN before the first batch
  bool started_ = false;   // whether b is set
  GatherRows gather_;
  optim::TableAdamW optimizer_;
};

}  // namespace mkt::loss
