#pragma once
// The counting rules of an evaluation: which images and labels count, and how many labels are predicted.

#include <cstdint>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::scoring {

/// Published evaluation that decides which images and labels count. In both, AP is over the images in which
/// the label is annotated (present or absent), a label without positives has AP 0, F1 is micro-averaged, and
/// a label that is not annotated counts as wrong in F1.
enum class Protocol {
  /// MKT's, and BiAM's on NUS-WIDE: all images count, and all labels of a setting count in mAP. Source:
  /// BiAM's
  /// evaluate_nus.py.
  kMkt,
  /// BiAM's on Open Images, which MKT's table follows. In each setting, images without a present label of
  /// that
  /// setting are left out of AP and F1. ZSL mAP is over all unseen labels; GZSL mAP is over the labels with
  /// an
  /// annotation left in the images that count, of which those with negatives only count 0. Mean average
  /// precision weighted by the labels' positives is reported beside it. A further setting, SEEN, ranks the
  /// seen
  /// labels alone by their columns of the GZSL scores: BiAM scores images against the seen labels only, which
  /// is
  /// the same for scores that do not depend on the other labels. SEEN's mAP and its F1 are both over the seen
  /// labels with an annotation left; F1 of ZSL and GZSL is over all labels of the setting. BiAM has no named
  /// label sets: they are counted as GZSL is. Source: BiAM's evaluate_openimages.py and util_openimages.py.
  kBiam,
};

/// Options for evaluate().
struct MetricOptions {
  Protocol protocol = Protocol::kMkt;
  std::vector<std::int64_t> k = {3, 5};  ///< numbers of predicted labels per image, for F1
  bool per_image = false;                ///< whether mAP over images is computed as well
  /// Penalty on the seen labels' GZSL scores before the best labels of an image are chosen, in standard
  /// deviations of the image's scores (seen_penalty.h): GZSL F1 moves, AP does not.
  double seen_penalty = 0;
};

/// Throws ValueError if `k` is empty, an element is less than 1, or one occurs twice.
void check_k(const std::vector<std::int64_t>& k);

}  // namespace mkt::scoring

template <>
struct mkt::Names<mkt::scoring::Protocol> {
  static constexpr NameTable<scoring::Protocol, 2> kTable{
      {{scoring::Protocol::kMkt, "mkt"}, {scoring::Protocol::kBiam, "biam"}}};
};
