#pragma once
// Stage 2: trains the prompt around the labels by ranking labels; stage 1's image encoder stays frozen.
// Source: MKT (arXiv 2207.01887), section 3.4.

#include "mkt/torch.h"

#include <string>

#include "mkt/model/pooling.h"
#include "mkt/model/student.h"
#include "session/session.h"
#include "train/losses.h"
#include "train/training_options.h"

namespace mkt::train {

/// Computes the losses of B images. `features` have no autograd history; seen_label_features (S, D); labels
/// (B, S) int8 in {-1, 0, 1}; `local`: pooling of patches. rank: `label_loss` of
/// scores_for(). dist: undefined.
Losses stage2_losses(const model::ImageFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, const model::LocalPooling& local,
                     loss::LabelLoss& label_loss);

/// Trains with the given options, together with the session's other ranks, and returns the path of the last
/// checkpoint. `resolved`: the text of resolved.toml. Throws as train_stage1() does.
std::string train_stage2(const Stage2Options& options, const std::string& resolved,
                         session::Session& session);

}  // namespace mkt::train
