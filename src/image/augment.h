#pragma once
// RandAugment with the 15 operations of timm's "rand-m9-mstd0.5-inc1". Images are (H, W, 3) uint8. Source:
// timm's auto_augment.py; Cubuk et al., "RandAugment", arXiv 1909.13719.

#include <torch/types.h>

#include <vector>

#include "mkt/core/random.h"

namespace mkt::image {

/// The operations. Each comment says what the argument means.
enum class Operation {
  kAutoContrast,
  kEqualize,
  kInvert,
  kRotate,       ///< angle in degrees, counter-clockwise
  kPosterize,    ///< number of bits kept, 0 … 8
  kSolarize,     ///< threshold from which values are inverted
  kSolarizeAdd,  ///< amount added to values below 128
  kColor,        ///< factor, here and in the next three operations: 1 leaves the image unchanged
  kContrast,
  kBrightness,
  kSharpness,
  kShearX,      ///< shift in pixels per row
  kShearY,      ///< shift in pixels per column
  kTranslateX,  ///< fraction of the width
  kTranslateY,  ///< fraction of the height
};
constexpr int kOperations = 15;

/// An operation and its argument.
struct AugmentStep {
  Operation operation = Operation::kInvert;
  double argument = 0;
};

/// Applies one step to a copy of `image`, with the results of Pillow: within ±1 per value for tone
/// operations; geometric operations are bicubic and fill with (124, 116, 104). (H, W, 3) → (H, W, 3). Throws
/// ValueError for another shape or dtype.
torch::Tensor augment(const torch::Tensor& image, const AugmentStep& step);

/// How steps are drawn.
struct RandAugmentOptions {
  int operations = 2;        ///< number of operations drawn, with replacement
  double probability = 0.5;  ///< probability that a drawn operation is applied
  double magnitude = 9;      ///< mean of the normal distribution of the magnitude
  double deviation = 0.5;    ///< its standard deviation
};

/// The argument of `operation` at `magnitude` (0 … 10). `random` draws its sign if the operation has one.
double augment_argument(Operation operation, double magnitude, KeyedRandom& random);

/// Draws the steps to apply, in order: between 0 and options.operations of them.
std::vector<AugmentStep> draw_rand_augment(KeyedRandom& random, const RandAugmentOptions& options = {});

}  // namespace mkt::image
