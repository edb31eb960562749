#include "mkt/image/preprocessing.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cmath>

namespace mkt::image {
namespace {

constexpr std::int64_t kLargestCropped = 224;  // MKT crops inputs of up to this size

std::string numbers(const std::array<double, 3>& values) {
  return fmt::format("{} {} {}", values[0], values[1], values[2]);
}

}  // namespace

bool Preprocessing::operator==(const Preprocessing& other) const {
  return mean == other.mean && deviation == other.deviation && resize == other.resize &&
         crop_share == other.crop_share;
}

Preprocessing mkt_preprocessing(std::int64_t size) {
  Preprocessing made;
  made.crop_share = size <= kLargestCropped ? 0.875 : 1.0;
  return made;
}

Preprocessing clip_preprocessing() {
  return {{0.48145466, 0.4578275, 0.40821073}, {0.26862954, 0.26130258, 0.27577711}, ResizeMode::kShort, 1.0};
}

void check_preprocessing(const Preprocessing& preprocessing) {
  for (const double mean : preprocessing.mean) {
    TORCH_CHECK_VALUE(mean >= 0 && mean <= 1, "mean: expected three numbers from 0 to 1, got ",
                      numbers(preprocessing.mean), ". Divide means of bytes by 255.");
  }
  for (const double deviation : preprocessing.deviation) {
    TORCH_CHECK_VALUE(deviation > 0 && deviation <= 1, "std: expected three numbers above 0, at most 1, got ",
                      numbers(preprocessing.deviation), ". Divide deviations of bytes by 255.");
  }
  const double share = preprocessing.crop_share;
  TORCH_CHECK_VALUE(share > 0 && share <= 1, "crop-share: expected a number above 0, at most 1, got ", share,
                    ".");
  TORCH_CHECK_VALUE(share == 1 || preprocessing.resize == ResizeMode::kShort,
                    "crop-share: expected 1 with resize ", enum_name(preprocessing.resize),
                    ", which shows the whole image, got ", share, ". Use resize short.");
}

std::array<std::uint8_t, 3> mean_colour(const Preprocessing& preprocessing) {
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t c = 0; c < colour.size(); ++c)
    colour[c] = static_cast<std::uint8_t>(std::lround(255 * preprocessing.mean[c]));
  return colour;
}

std::string describe(const Preprocessing& preprocessing) {
  return fmt::format("mean {}, std {}, resize {}, crop share {}", numbers(preprocessing.mean),
                     numbers(preprocessing.deviation), enum_name(preprocessing.resize),
                     preprocessing.crop_share);
}

}  // namespace mkt::image
