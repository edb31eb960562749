#pragma once
// Pictures for the tests of this room.

#include <gtest/gtest.h>
#include "mkt/torch.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "mkt/core/random.h"
#include "mkt/image/decode.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::test {

using mkt::test::message_of;

inline torch::Tensor golden_image(const std::string& name) {
  return image::decode_file(mkt::test::golden(name));
}

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// (H, W, 3) uint8, every byte drawn on its own.
inline torch::Tensor noise(std::int64_t height, std::int64_t width, std::uint64_t seed = 1) {
  torch::Tensor image = torch::empty({height, width, 3}, torch::kUInt8);
  KeyedRandom random({seed});
  auto* bytes = image.data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < image.numel(); ++i) bytes[i] = static_cast<std::uint8_t>(random.below(256));
  return image;
}

inline torch::Tensor difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kInt) - b.to(torch::kInt)).abs();
}

inline double mean_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return difference(a, b).to(torch::kDouble).mean().item<double>();
}

inline void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "in: " << text.substr(0, 400);
}

}  // namespace mkt::test
