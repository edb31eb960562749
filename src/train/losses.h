#pragma once
// Loss terms of a training batch.

#include "mkt/torch.h"

#include <memory>

#include "loss/label_loss.h"
#include "mkt/clip/weights.h"
#include "mkt/model/pooling.h"
#include "mkt/model/student.h"
#include "session/session.h"

namespace mkt::train {

/// Terms of a batch's loss: scalars with autograd history, each a mean over the batch's images.
struct Losses {
  torch::Tensor rank;  ///< label loss, of any kind
  torch::Tensor dist;  ///< distillation loss; undefined in stage 2

  /// The scalar that training minimises.
  torch::Tensor total() const { return dist.defined() ? rank + dist : rank; }
};

/// Finds the rows of labels (B, C) with at least one present label; returns their indices, (K) int64.
/// Training skips the other images, which have nothing to rank.
torch::Tensor rows_with_positives(const torch::Tensor& labels);

/// Makes the label loss of a run; its ranks exchange what it needs. Keeps a reference to `session`. Throws
/// c10::Error naming CLIP's file if the scale is CLIP's and the file has none.
std::unique_ptr<loss::LabelLoss> make_label_loss(loss::LabelLossOptions options, const clip::Weights& clip,
                                                 session::Session& session);

/// Computes the scores (B, S) that the label loss takes, float32: MKT's (eq. 5), or the mean of the class
/// feature's cosine and the pooled patches' (model::mean_cosine). label_features (S, D).
torch::Tensor scores_for(const loss::LabelLoss& label_loss, const model::ImageFeatures& features,
                         const torch::Tensor& label_features, const model::LocalPooling& local);

}  // namespace mkt::train
