#pragma once
// Scores images against labels. Source: MKT (arXiv 2207.01887), eq. 4.

#include "mkt/torch.h"

#include <string>

#include "mkt/core/enum_names.h"
#include "mkt/model/student.h"

namespace mkt::model {

/// Features that an image's score is computed from: patches (local), class token (global), or both (mkt).
enum class ScoreKind { kMkt, kGlobal, kLocal };

/// Raw scores from the local and the global branch for all labels.
struct BranchScores {
  torch::Tensor local;   // (B, C): mean of the topk largest products patch·label
  torch::Tensor global;  // (B, C): class·label

  /// Selects the scores for labels [first, last), as views.
  BranchScores labels(std::int64_t first, std::int64_t last) const;
  /// Selects the scores for labels `which`, (n) int64, in that order, as copies.
  BranchScores labels(const torch::Tensor& which) const;
};

/// Scores the features of B images against label_emb (C, D); both are not normalised. Differentiable in both.
/// Without an autograd graph, images are scored one by one (32 at a time on a GPU), so that memory is C·P
/// numbers per image and an image's scores do not depend on its batch. With a graph, at most products_at_once
/// patch·label products are kept (0: 2²⁶); products of further labels are recomputed in the backward pass.
/// Throws ValueError if topk is not in [1, P] ("topk: …") or D differs.
BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb, std::int64_t topk,
                           std::int64_t products_at_once = 0);

/// Throws ValueError ("topk: …") if `topk` is not in [1, patches].
void check_topk(std::int64_t topk, std::int64_t patches);

/// Computes the products patch·label, which local scores average; patches stay in row order. patches (B, P,
/// D), label_emb (C, D) for a few labels → (B, C, P). Throws ValueError if D differs.
torch::Tensor patch_products(const torch::Tensor& patches, const torch::Tensor& label_emb);

/// Returns local or global scores, L2-normalised over the C labels, or the mean of both (kMkt): (B, C).
torch::Tensor combine(const BranchScores& scores, ScoreKind kind = ScoreKind::kMkt);

struct ZeroShotScores {
  torch::Tensor zsl;   // (B, U), normalised over the unseen labels only
  torch::Tensor gzsl;  // (B, S + U), normalised over all labels
};

/// Computes scores for zero-shot and generalised zero-shot evaluation; labels [seen, C) are unseen. Throws
/// ValueError if there are no unseen labels.
ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen,
                                ScoreKind kind = ScoreKind::kMkt);

}  // namespace mkt::model

template <>
struct mkt::Names<mkt::model::ScoreKind> {
  static constexpr NameTable<model::ScoreKind, 3> kTable{{{model::ScoreKind::kMkt, "mkt"},
                                                          {model::ScoreKind::kGlobal, "global"},
                                                          {model::ScoreKind::kLocal, "local"}}};
};
