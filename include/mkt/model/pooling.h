#pragma once
// Ways to pool an image's patches into one local score per label.

#include "mkt/torch.h"

#include <cstdint>
#include <string>

#include "mkt/core/enum_names.h"

namespace mkt::model {

/// Kinds of pooling. p·c: product of a patch's feature and a label's, not normalised.
enum class Pooling {
  kTopk,     ///< mean of the k largest p·c: MKT (arXiv 2207.01887), eq. 4
  kSoftmax,  ///< Σ_p w_pc p·c, w = softmax over the patches of scale·cos(p, c): DualCoOp (arXiv 2206.09541)
  kTransport,  ///< Σ_p w_pc p·c, w = transport plan of patches and labels times C: RAM (arXiv 2503.15337)
};

/// A kind of pooling and its parameters.
struct LocalPooling {
  LocalPooling(std::int64_t best = 16) : topk(best) {}  // NOLINT: a number of patches alone converts
  LocalPooling(Pooling of, double factor) : kind(of), scale(factor) {}

  Pooling kind = Pooling::kTopk;
  std::int64_t topk = 16;  ///< number of best-scoring patches per label, for kTopk
  double scale = 0;        ///< factor on the cosines, for kSoftmax and kTransport

  /// Whether both pool in the same way: parameters that the kind does not use do not count.
  bool operator==(const LocalPooling& other) const;
  bool operator!=(const LocalPooling& other) const { return !(*this == other); }
};

/// Factor on the cosines of kSoftmax unless another is asked for.
inline constexpr double kSoftmaxScale = 20;

/// Whether a label's local score depends on the other labels.
inline bool is_relative(const LocalPooling& pooling) {
  return pooling.kind == Pooling::kTransport;
}

/// Describes the pooling for people: "16 best patches", "softmax of 20 × cosine".
std::string describe(const LocalPooling& pooling);

/// Throws ValueError if `pooling` cannot pool `patches` patches: "topk: …" unless topk is in [1, patches],
/// "local-scale: …" unless the scale is positive and finite.
void check_pooling(const LocalPooling& pooling, std::int64_t patches);

}  // namespace mkt::model

template <>
struct mkt::Names<mkt::model::Pooling> {
  static constexpr NameTable<model::Pooling, 3> kTable{{{model::Pooling::kTopk, "topk"},
                                                        {model::Pooling::kSoftmax, "softmax"},
                                                        {model::Pooling::kTransport, "transport"}}};
};
