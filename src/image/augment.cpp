#include "image/augment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "codecs/pixels.h"
#include "image/tone.h"
#include "mkt/image/resample.h"

namespace mkt::image {
namespace {

using Fill = std::array<std::uint8_t, 3>;

constexpr double kMaxMagnitude = 10;
constexpr double kDegree = 3.14159265358979323846 / 180;

torch::Tensor rotate(const torch::Tensor& image, double degrees, const Fill& fill) {
  const double cosine = std::cos(degrees * kDegree);
  const double sine = std::sin(degrees * kDegree);
  const double x = static_cast<double>(image.size(1)) / 2;
  const double y = static_cast<double>(image.size(0)) / 2;
  return affine(image, {cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y},
                fill);
}

torch::Tensor geometric(const torch::Tensor& image, const AugmentStep& step, const Fill& fill) {
  const double amount = step.argument;
  switch (step.operation) {
    case Operation::kRotate:
      return rotate(image, amount, fill);
    case Operation::kShearX:
      return affine(image, {1, amount, 0, 0, 1, 0}, fill);
    case Operation::kShearY:
      return affine(image, {1, 0, 0, amount, 1, 0}, fill);
    case Operation::kTranslateX:
      return affine(image, {1, 0, amount * static_cast<double>(image.size(1)), 0, 1, 0}, fill);
    default:
      return affine(image, {1, 0, 0, 0, 1, amount * static_cast<double>(image.size(0))}, fill);
  }
}

double with_random_sign(double value, KeyedRandom& random) {
  return random.uniform() < 0.5 ? value : -value;
}

}  // namespace

torch::Tensor augment(const torch::Tensor& image, const AugmentStep& step, const Fill& fill) {
  check_image(image);
  const auto whole = static_cast<int>(step.argument);
  switch (step.operation) {
    case Operation::kAutoContrast:
      return auto_contrast(image);
    case Operation::kEqualize:
      return equalize(image);
    case Operation::kInvert:
      return invert(image);
    case Operation::kPosterize:
      return posterize(image, whole);
    case Operation::kSolarize:
      return solarize(image, whole);
    case Operation::kSolarizeAdd:
      return solarize_add(image, whole);
    case Operation::kColor:
      return color(image, step.argument);
    case Operation::kContrast:
      return contrast(image, step.argument);
    case Operation::kBrightness:
      return brightness(image, step.argument);
    case Operation::kSharpness:
      return sharpness(image, step.argument);
    default:
      return geometric(image, step, fill);
  }
}

double augment_argument(Operation operation, double magnitude, KeyedRandom& random) {
  switch (operation) {
    case Operation::kRotate:
      return with_random_sign(3 * magnitude, random);
    case Operation::kPosterize:
      return 4 - std::floor(0.4 * magnitude);
    case Operation::kSolarize:
      return 256 - std::floor(25.6 * magnitude);
    case Operation::kSolarizeAdd:
      return std::floor(11 * magnitude);
    case Operation::kColor:
    case Operation::kContrast:
    case Operation::kBrightness:
    case Operation::kSharpness:
      return std::max(0.1, 1 + with_random_sign(0.09 * magnitude, random));
    case Operation::kShearX:
    case Operation::kShearY:
      return with_random_sign(0.03 * magnitude, random);
    case Operation::kTranslateX:
    case Operation::kTranslateY:
      return with_random_sign(0.045 * magnitude, random);
    default:
      return 0;
  }
}

std::vector<AugmentStep> draw_rand_augment(KeyedRandom& random, const RandAugmentOptions& options) {
  std::vector<AugmentStep> steps;
  for (int i = 0; i < options.operations; ++i) {
    const auto operation = static_cast<Operation>(random.below(kOperations));
    if (random.uniform() >= options.probability) continue;
    const double drawn = options.magnitude + options.deviation * random.normal();
    const double magnitude = std::clamp(drawn, 0.0, kMaxMagnitude);
    steps.push_back({operation, augment_argument(operation, magnitude, random)});
  }
  return steps;
}

}  // namespace mkt::image
