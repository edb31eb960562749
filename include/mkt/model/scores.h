#pragma once
// Scores of images against labels. Source: MKT (arXiv 2207.01887), eq. 4.

#include "mkt/torch.h"

#include <string>

#include "mkt/model/student.h"

namespace mkt::model {

enum class ScoreKind { kMkt, kGlobal, kLocal };

/// "mkt", "global" or "local". Throws ValueError naming --score for anything else.
ScoreKind parse_score_kind(const std::string& name);
/// The name that parse_score_kind reads back.
std::string name_of(ScoreKind kind);

/// Raw scores of both branches, over all labels.
struct BranchScores {
  torch::Tensor local;   // (B, C) mean over the topk best patches of patch·label
  torch::Tensor global;  // (B, C) class·label

  /// Labels [first, last), as views.
  BranchScores labels(std::int64_t first, std::int64_t last) const;
  /// Labels `which` (n) int64, in that order, as copies.
  BranchScores labels(const torch::Tensor& which) const;
};

/// features of B images, label_emb (C, D), neither normalised. Differentiable in the features and in
/// label_emb; without a graph, images go one by one, so that memory stays within C·P numbers and an image's
/// scores do not depend on its batch; with one, at most products_at_once products of patches and labels (0:
/// 2²⁶) are kept, and labels beyond them computed twice. Throws ValueError where topk is not in [1, patches]
/// (naming --topk) or D differs.
BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb, std::int64_t topk,
                           std::int64_t products_at_once = 0);

/// What the local scores are made of, patch·label for each patch in the order of the grid's rows: patches
/// (B, P, D), label_emb (C, D), usually of a few chosen labels → (B, C, P). Throws ValueError where D
/// differs.
torch::Tensor patch_products(const torch::Tensor& patches, const torch::Tensor& label_emb);

/// L2-normalised over the C labels: local or global, or (mkt) the mean of both. (B, C)
torch::Tensor combine(const BranchScores& scores, ScoreKind kind = ScoreKind::kMkt);

struct ZeroShotScores {
  torch::Tensor zsl;   // (B, U) normalised over the unseen labels alone
  torch::Tensor gzsl;  // (B, S + U)
};

/// Both settings from one computation; labels [seen, C) are the unseen ones.
ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen,
                                ScoreKind kind = ScoreKind::kMkt);

}  // namespace mkt::model
