#pragma once
// Scores images against labels. Sources: MKT (arXiv 2207.01887), eq. 4; CLIP (arXiv 2103.00020), figure 3;
// SPARC (arXiv 2502.16911), section 3.1, for kStandard.

#include "mkt/torch.h"

#include <memory>
#include <string>
#include <utility>

#include "mkt/core/enum_names.h"
#include "mkt/model/pooling.h"
#include "mkt/model/student.h"

namespace mkt::model {

/// Kinds of score.
enum class ScoreKind {
  kMkt,          ///< mean of kGlobal and kLocal
  kGlobal,       ///< product of class and label feature, L2-normalised over the labels
  kLocal,        ///< pooled products of patches and label feature, L2-normalised over the labels
  kCosine,       ///< cosine of class and label feature; independent of the other labels
  kProbability,  ///< softmax over the labels of CLIP's logit scale times the cosine
  kMeanCosine,   ///< mean of kCosine and the pooled cosines of patches and label feature
  kStandard,     ///< kMkt, standardised over the image's labels, then over training images per label
};

/// Whether a label's score depends on the other labels. With a single label such a score says nothing.
inline bool is_relative(ScoreKind kind, const LocalPooling& pooling = {}) {
  return kind != ScoreKind::kCosine && (kind != ScoreKind::kMeanCosine || is_relative(pooling));
}

/// Mean and standard deviation per label, over training images, of the scores that standardised() returns.
struct LabelStatistics {
  torch::Tensor mean;       ///< (C) float32
  torch::Tensor deviation;  ///< (C) float32, positive
};

/// A kind of score and its parameters: determines scores from BranchScores.
struct ScoreRule {
  ScoreRule(ScoreKind of = ScoreKind::kMkt, double logit_scale = 0)  // NOLINT: a kind alone converts
      : kind(of), scale(logit_scale) {}
  explicit ScoreRule(LabelStatistics of_labels)
      : kind(ScoreKind::kStandard), scale(0), statistics(std::move(of_labels)) {}

  ScoreKind kind;
  double scale;  ///< factor on the cosine for kProbability: e to the power of CLIP's logit_scale
  LabelStatistics statistics;  ///< for kStandard, of the labels that are scored
};

/// Returns the rule with its statistics on `device`.
ScoreRule on_device(ScoreRule rule, torch::Device device);

/// Inputs of branch_scores().
struct BranchInputs {
  ImageFeatures features;
  torch::Tensor label_emb;  // (C, D)
  LocalPooling pooling;
  std::int64_t products_at_once;
};

/// Raw scores from the local and the global branch for all labels.
struct BranchScores {
  torch::Tensor local;   // (B, C): pooled products patch·label
  torch::Tensor global;  // (B, C): class·label
  torch::Tensor cosine;  // (B, C): class·label, both L2-normalised; undefined with an autograd graph
  /// What they were computed from, for kMeanCosine and labels(); null if they were not made by
  /// branch_scores()
  std::shared_ptr<const BranchInputs> inputs = nullptr;

  /// Returns the scores if there were only labels [first, last): views, except for a relative pooling, whose
  /// local scores are computed again.
  BranchScores labels(std::int64_t first, std::int64_t last) const;
  /// Returns the scores if there were only labels `which`, (n) int64, in that order: copies, or computed
  /// again as above.
  BranchScores labels(const torch::Tensor& which) const;
};

/// Scores the features of B images against label_emb (C, D); both are not normalised. Differentiable in both,
/// except that transport plans are constants. Without an autograd graph, images are scored one by one (32 at
/// a time on a GPU), so that memory is C·P numbers per image (three times that for kSoftmax and kTransport)
/// and an image's scores do not depend on its batch. With a graph, at most products_at_once numbers (0: 2²⁶)
/// are kept, or those of one image (kTransport) or one label; others are recomputed in the backward pass.
/// Throws ValueError as check_pooling() does, or if D differs.
BranchScores branch_scores(const ImageFeatures& features, const torch::Tensor& label_emb,
                           const LocalPooling& pooling, std::int64_t products_at_once = 0);

/// Computes kMeanCosine: the mean of two cosines, class·label and pooled patch·label, all features
/// L2-normalised → (B, C). Arguments, gradients and memory as in branch_scores().
torch::Tensor mean_cosine(const ImageFeatures& features, const torch::Tensor& label_emb,
                          const LocalPooling& pooling, std::int64_t products_at_once = 0);

/// Standardises each image's scores (B, C) over its labels: (s − mean) / standard deviation, with C − 1
/// degrees of freedom; 0 if all are equal. Throws ValueError for fewer than two labels.
torch::Tensor standardised(const torch::Tensor& scores);

/// Computes the products patch·label, which local scores average; patches stay in row order. patches (B, P,
/// D), label_emb (C, D) for a few labels → (B, C, P). Throws ValueError if D differs.
torch::Tensor patch_products(const torch::Tensor& patches, const torch::Tensor& label_emb);

/// Returns the scores (B, C) over these C labels. Throws ValueError ("score: …") for kProbability without a
/// scale, kStandard without statistics of C labels, kMeanCosine without inputs, and for the cosine of branch
/// scores with an autograd graph.
torch::Tensor combine(const BranchScores& scores, const ScoreRule& how = {});

struct ZeroShotScores {
  torch::Tensor zsl;   // (B, U), relative to the unseen labels only
  torch::Tensor gzsl;  // (B, S + U), relative to all labels
};

/// Computes scores for zero-shot and generalised zero-shot evaluation; labels [seen, C) are unseen. Throws
/// ValueError if there are no unseen labels.
ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& how = {});
/// Same with a rule for each, as kStandard needs: its statistics are of the labels that are scored.
ZeroShotScores zero_shot_scores(const BranchScores& scores, std::int64_t seen, const ScoreRule& of_unseen,
                                const ScoreRule& of_all);

}  // namespace mkt::model

template <>
struct mkt::Names<mkt::model::ScoreKind> {
  static constexpr NameTable<model::ScoreKind, 7> kTable{{{model::ScoreKind::kMkt, "mkt"},
                                                          {model::ScoreKind::kGlobal, "global"},
                                                          {model::ScoreKind::kLocal, "local"},
                                                          {model::ScoreKind::kCosine, "cosine"},
                                                          {model::ScoreKind::kProbability, "probability"},
                                                          {model::ScoreKind::kMeanCosine, "mean-cosine"},
                                                          {model::ScoreKind::kStandard, "standard"}}};
};
