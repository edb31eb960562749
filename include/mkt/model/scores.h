#pragma once
// Scores images against labels. Sources: MKT (arXiv 2207.01887), eq. 4; CLIP (arXiv 2103.00020), figure 3.

#include "mkt/torch.h"

#include <string>

#include "mkt/core/enum_names.h"
#include "mkt/model/student.h"

namespace mkt::model {

/// Kinds of score.
enum class ScoreKind {
  kMkt,          ///< mean of kGlobal and kLocal
  kGlobal,       ///< product of class and label feature, L2-normalised over the labels
  kLocal,        ///< mean of the best products of patch and label feature, L2-normalised over the labels
  kCosine,       ///< cosine of class and label feature; independent of the other labels
  kProbability,  ///< softmax over the labels of CLIP's logit scale times the cosine
};

/// Whether a label's score depends on the other labels. With a single label such a score says nothing.
constexpr bool is_relative(ScoreKind kind) {
  return kind != ScoreKind::kCosine;
}

/// A kind of score and its parameter: determines scores from BranchScores.
struct ScoreRule {
  ScoreRule(ScoreKind of = ScoreKind::kMkt, double logit_scale = 0)  // NOLINT: a kind alone converts
      : kind(of), scale(logit_scale) {}

  ScoreKind kind;
  double scale;  ///< factor on the cosine for kProbability: e to the power of CLIP's logit_scale
};

/// Raw scores from the local and the global branch for all labels.
struct BranchScores {
  torch::Tensor local;   // (B, C): mean of the topk largest products patch·label
  torch::Tensor global;  // (B, C): class·label
  torch::Tensor cosine;  // (B, C): class·label, both L2-normalised; undefined with an autograd graph

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

/// Returns the scores (B, C) over these C labels. Throws ValueError ("score: …") for kProbability without a
/// scale, and for the cosine of branch scores with an autograd graph.
torch::Tensor combine(const BranchScores& scores, const ScoreRule& how = {});

struct ZeroShotScores {
  torch::Tensor zsl;   // (B, U), relative to the unseen labels only
  torch::Tensor gzsl;  // (B, S + U), relative to all labels
};

/// Computes scores for zero-shot and generalised zero-shot evaluation; labels [seen, C) are unseen. Throws
/// ValueError if there are no unseen labels.
ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& how = {});

}  // namespace mkt::model

template <>
struct mkt::Names<mkt::model::ScoreKind> {
  static constexpr NameTable<model::ScoreKind, 5> kTable{{{model::ScoreKind::kMkt, "mkt"},
                                                          {model::ScoreKind::kGlobal, "global"},
                                                          {model::ScoreKind::kLocal, "local"},
                                                          {model::ScoreKind::kCosine, "cosine"},
                                                          {model::ScoreKind::kProbability, "probability"}}};
};
