#pragma once
// RandAugment with the 15 operations of timm's "rand-m9-mstd0.5-inc1". Images are (H, W, 3) uint8. Source:
// timm's auto_augment.py; Cubuk et al., "RandAugment", arXiv 1909.13719.

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

#include "mkt/core/random.h"

namespace mkt::image {

/// Operations of RandAugment. Each comment describes the operation's argument.
enum class Operation {
  kAutoContrast,
  kEqualize,
  kInvert,
  kRotate,       ///< angle in degrees, counter-clockwise
  kPosterize,    ///< number of bits kept, 0 … 8
  kSolarize,     ///< threshold: values greater than or equal to it are inverted
  kSolarizeAdd,  ///< amount added to values below 128
  kColor,        ///< blending factor, also for the next three operations; 1 leaves the image unchanged
  kContrast,
  kBrightness,
  kSharpness,
  kShearX,      ///< horizontal shift in pixels per row
  kShearY,      ///< vertical shift in pixels per column
  kTranslateX,  ///< horizontal shift as a fraction of the width
  kTranslateY,  ///< vertical shift as a fraction of the height
};
constexpr int kOperations = 15;

/// An operation and its argument.
struct AugmentStep {
  Operation operation = Operation::kInvert;
  double argument = 0;
};

/// Applies one step to a copy of `image`, with Pillow's results: within ±1 per value for tone operations;
/// geometric operations use bicubic interpolation, and the colour `fill` outside the image. (H, W, 3) → (H,
/// W, 3). Throws ValueError for another shape or dtype.
torch::Tensor augment(const torch::Tensor& image, const AugmentStep& step,
                      const std::array<std::uint8_t, 3>& fill);

/// Options for drawing random steps.
struct RandAugmentOptions {
  int operations = 2;        ///< number of operations drawn, with replacement
  double probability = 0.5;  ///< probability that a drawn operation is applied
  double magnitude = 9;      ///< mean of the normally distributed magnitude
  double deviation = 0.5;    ///< standard deviation of the magnitude
};

/// Returns the argument of `operation` for `magnitude` (0 … 10). `random` draws the argument's sign if the
/// operation has one.
double augment_argument(Operation operation, double magnitude, KeyedRandom& random);

/// Draws the steps to apply, in order: 0 to options.operations steps.
std::vector<AugmentStep> draw_rand_augment(KeyedRandom& random, const RandAugmentOptions& options = {});

}  // namespace mkt::image
