#pragma once
// Stage 1: the image side is tuned by ranking labels and held near CLIP by distillation. Source: MKT, "Vision
// transformer with knowledge distillation"; method.md, "Stage 1".

#include "mkt/core/torch.h"

#include <string>

#include "mkt/model/distillation.h"
#include "mkt/train/options.h"

namespace mkt::train {

/// The two terms of the loss, scalars with a graph. Their sum is minimised.
struct Stage1Losses {
  torch::Tensor rank;
  torch::Tensor dist;

  torch::Tensor total() const { return rank + dist; }
};

/// features of B images; seen_label_features (S, D); labels (B, S) int8 in {-1, 0, 1}. rank: ranking loss of
/// MKT's scores (eq. 5). dist: mean absolute difference of the class features (eq. 3).
Stage1Losses stage1_losses(const model::DistillationFeatures& features,
                           const torch::Tensor& seen_label_features, const torch::Tensor& labels,
                           std::int64_t topk);

/// Rows of a batch that have a present label: (K) int64. The others leave before the step.
torch::Tensor rows_with_positives(const torch::Tensor& labels);

/// Trains as the options say and returns the last checkpoint's path. `resolved` is the text of
/// resolved.toml. Throws Stopped after a signal, its state saved; c10::Error for files and numbers that do
/// not fit; std::runtime_error for a loss that is not finite.
std::string train_stage1(const Stage1Options& options, const std::string& resolved);

}  // namespace mkt::train
