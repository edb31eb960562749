#pragma once
// Stage 1: trains the image encoder by ranking labels, and keeps it near CLIP by distillation. Source: MKT
// (arXiv 2207.01887), section 3.2.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "mkt/model/distillation.h"
#include "mkt/model/pooling.h"
#include "nn/graphed_gradient.h"
#include "session/session.h"
#include "train/losses.h"
#include "train/training_options.h"

namespace mkt::train {

/// Computes the losses of B images. seen_label_features (S, D); labels (B, S) int8 in {-1, 0, 1}; `local`:
/// pooling of patches. rank: `label_loss` of scores_for(). dist: mean absolute difference
/// between student's and teacher's class features (eq. 3).
Losses stage1_losses(const model::DistillationFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, const model::LocalPooling& local,
                     loss::LabelLoss& label_loss);

/// stage1_losses() of a student in training. On a GPU both encoders and the scores run as a CUDA graph
/// (nn/graphed_gradient.h).
class Stage1Losses {
 public:
  /// `trained`: the student's parameters with gradients. Keeps a reference to `label_loss`.
  Stage1Losses(model::DistillationPair pair, std::vector<torch::Tensor> trained,
               torch::Tensor seen_label_features, const model::LocalPooling& local,
               loss::LabelLoss& label_loss);

  /// Losses of images (B, 3, H, H). labels (K, S) int8 belong to the images `rows`, (K) int64 on the device,
  /// or to all if it is undefined.
  Losses operator()(const torch::Tensor& images, const torch::Tensor& labels, const torch::Tensor& rows = {});

 private:
  model::DistillationPair pair_;
  std::vector<torch::Tensor> trained_;
  torch::Tensor seen_label_features_;  // (S, D)
  model::LocalPooling local_;
  loss::LabelLoss& label_loss_;
  nn::GraphedGradient graphs_{1};
};

/// Trains with the given options, together with the session's other ranks, and returns the path of the last
/// checkpoint. `resolved`: the text of resolved.toml. Throws Stopped after a signal, once the state is saved;
/// ValueError or c10::Error for options and files; std::runtime_error if a loss or gradient is not finite.
std::string train_stage1(const Stage1Options& options, const std::string& resolved,
                         session::Session& session);

}  // namespace mkt::train
