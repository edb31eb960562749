#pragma once
// Stage 2: the prompt around the labels is tuned by ranking labels; the image encoder stays as stage 1 left
// it. Source: MKT (arXiv 2207.01887), section 3.4.

#include "mkt/torch.h"

#include <string>

#include "mkt/model/student.h"
#include "session/session.h"
#include "train/losses.h"
#include "train/training_options.h"

namespace mkt::train {

/// features of B images, without graph; seen_label_features (S, D); labels (B, S) int8 in {-1, 0, 1}. The
/// ranking loss of MKT's scores (eq. 5); there is no second term.
Losses stage2_losses(const model::ImageFeatures& features, const torch::Tensor& seen_label_features,
                     const torch::Tensor& labels, std::int64_t topk);

/// Trains as the options say, together with the session's other ranks, and returns the path of the last
/// checkpoint. `resolved`: the text of resolved.toml. Throws as train_stage1 does.
std::string train_stage2(const Stage2Options& options, const std::string& resolved,
                         session::Session& session);

}  // namespace mkt::train
