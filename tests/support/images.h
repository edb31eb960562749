#pragma once
// Test images and their comparison.

#include <gtest/gtest.h>
#include "mkt/torch.h"

#include <string>

#include "mkt/codecs/decode.h"
#include "mkt/core/random.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::test {

/// Decodes a golden image file: (H, W, 3) uint8.
inline torch::Tensor golden_image(const std::string& name) {
  return image::decode_file(golden(name));
}

/// Makes an image of independent random bytes: (H, W, 3) uint8.
inline torch::Tensor noise(std::int64_t height, std::int64_t width, std::uint64_t seed = 1) {
  torch::Tensor image = torch::empty({height, width, 3}, torch::kUInt8);
  KeyedRandom random({seed});
  auto* bytes = image.data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < image.numel(); ++i) bytes[i] = static_cast<std::uint8_t>(random.below(256));
  return image;
}

/// Absolute difference per pixel and channel, int32.
inline torch::Tensor difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kInt) - b.to(torch::kInt)).abs();
}

inline double mean_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return difference(a, b).to(torch::kDouble).mean().item<double>();
}

/// Expects that `text` contains `part`.
inline void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "in: " << text.substr(0, 400);
}

}  // namespace mkt::test
