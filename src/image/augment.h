#pragma once
// RandAugment with the 15 operations of timm's "rand-m9-mstd0.5-inc1". Images are (H, W, 3) uint8.
// Source: timm's auto_augment.py; RandAugment is of Cubuk et al., arXiv 1909.13719.

#include <torch/types.h>

#include <vector>

#include "mkt/core/random.h"

namespace mkt::image {

enum class Operation {
  kAutoContrast,
  kEqualize,
  kInvert,
  kRotate,       ///< argument: degrees, counter-clockwise
  kPosterize,    ///< bits kept, 0 … 8
  kSolarize,     ///< values from this threshold on are inverted
  kSolarizeAdd,  ///< added to values below 128
  kColor,        ///< this and the next three: 1 leaves the image as it is
  kContrast,
  kBrightness,
  kSharpness,
  kShearX,  ///< pixels right per pixel down
  kShearY,
  kTranslateX,  ///< share of the width
  kTranslateY,  ///< share of the height
};
constexpr int kOperations = 15;

/// One operation with its argument, whose meaning is the operation's.
struct AugmentStep {
  Operation operation = Operation::kInvert;
  double argument = 0;
};

/// `image` after one step, as Pillow does it: tone operations within ±1 a value; geometric ones bicubic,
/// filled with (124, 116, 104). The input is left as it is.
torch::Tensor augment(const torch::Tensor& image, const AugmentStep& step);

struct RandAugmentOptions {
  int operations = 2;        ///< drawn with replacement
  double probability = 0.5;  ///< of applying a drawn one
  double magnitude = 9;      ///< mean of the normal that the magnitude is drawn from
  double deviation = 0.5;
};

/// The argument of `operation` at `magnitude` (0 … 10); `random` draws the sign where there is one.
double augment_argument(Operation operation, double magnitude, KeyedRandom& random);

/// The steps to apply, in order: between 0 and options.operations of them.
std::vector<AugmentStep> draw_rand_augment(KeyedRandom& random, const RandAugmentOptions& options = {});

}  // namespace mkt::image
