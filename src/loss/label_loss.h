#pragma once
// The label loss of a run: one of the losses, with all that training it needs.

#include "mkt/torch.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "distributed/communicator.h"
#include "mkt/core/enum_names.h"
#include "mkt/loss/multi_match.h"
#include "optim/adamw.h"

namespace mkt::loss {

/// Losses of an image's scores against its labels.
enum class LossKind {
  kRank,        ///< hinge over present × absent labels (ranking.h), as published
  kSmoothRank,  ///< softplus over the same pairs (smooth_ranking.h)
  kAsymmetric,  ///< focal cross-entropy of scaled cosines (asymmetric.h)
  kMultiMatch,  ///< contrastive over all image-label pairs of a step (multi_match.h)
};

/// A kind of loss and its parameters. The defaults are those of the published method.
struct LabelLossOptions {
  LossKind kind = LossKind::kRank;
  double margin = 1;  ///< kRank: the hinge's margin
  double scale = 0;   ///< the others: factor on the scores; 0: default_scale(), for kAsymmetric CLIP's
};

/// Default factor on the scores; 0 for kRank, which has none, and for kAsymmetric.
double default_scale(LossKind kind);

/// Formats the options for a run's identity: "rank, margin 1.0", "smooth-rank, scale 20.0".
std::string describe(const LabelLossOptions& options);

/// Whether the loss is the published one: rank with margin 1.
bool is_published(const LabelLossOptions& options);

/// Computes the loss of each batch. All ranks make the same calls.
class LabelLoss {
 public:
  LabelLoss() = default;
  virtual ~LabelLoss() = default;
  LabelLoss(const LabelLoss&) = delete;
  LabelLoss& operator=(const LabelLoss&) = delete;

  /// Loss of scores (B, C) float against labels (B, C) int8 in {-1, 0, 1}: scalar with autograd history. Its
  /// mean over batches and ranks, weighted by their images, is the step's loss.
  virtual torch::Tensor operator()(const torch::Tensor& scores, const torch::Tensor& labels) = 0;
  /// Called instead if a batch has no image with a present label.
  virtual void skip() {}
  /// Whether the scores are cosines instead of MKT's scores.
  virtual bool of_cosines() const { return false; }
  /// Value if all scores of each image are equal; nullopt if that is not a constant.
  virtual std::optional<double> of_equal_scores() const { return std::nullopt; }

  /// Trained parameters of the loss itself.
  virtual std::vector<torch::Tensor> parameters() const { return {}; }
  /// Performs one optimiser step of these at learning rate `lr`, without weight decay.
  virtual void update(double /*lr*/) {}
  /// Adds everything that update() changes to a run's state, under names that begin with "loss.".
  virtual void add_state(optim::State& /*state*/) const {}
  /// Restores what add_state() added, and removes it. Throws c10::Error if a tensor is missing.
  virtual void take_state(optim::State& /*state*/) {}
  /// Values for the file beside a checkpoint: {"kind", and the parameters}; null for the published loss.
  virtual nlohmann::ordered_json facts() const = 0;
};

/// Makes the loss. `gather`: exchange with the other ranks (gather_over()), which kMultiMatch and kAsymmetric
/// use; empty for a single rank. Throws ValueError for kAsymmetric without a scale.
std::unique_ptr<LabelLoss> make_label_loss(const LabelLossOptions& options = {},
                                           const torch::Device& device = torch::kCPU,
                                           const GatherRows& gather = {});

/// Stacks rows on `device` over the ranks. Keeps a reference to `ranks`.
GatherRows gather_over(distributed::Communicator& ranks);

}  // namespace mkt::loss

template <>
struct mkt::Names<mkt::loss::LossKind> {
  static constexpr NameTable<loss::LossKind, 4> kTable{{{loss::LossKind::kRank, "rank"},
                                                        {loss::LossKind::kSmoothRank, "smooth-rank"},
                                                        {loss::LossKind::kAsymmetric, "asymmetric"},
                                                        {loss::LossKind::kMultiMatch, "multi-match"}}};
};
