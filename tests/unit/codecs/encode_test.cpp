#include "codecs/encode.h"

#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

TEST(EncodePng, DecodesToTheSamePixels) {
  for (const torch::Tensor& image : {noise(1, 1), noise(13, 7), noise(64, 200)}) {
    const std::string bytes = encode_png(image);
    EXPECT_EQ(bytes.substr(1, 3), "PNG");
    EXPECT_TRUE(torch::equal(decode_bytes(bytes, "encoded"), image));
  }
}

TEST(EncodePng, RejectsOtherShapesAndDtypes) {
  EXPECT_FALSE(message_of([] { encode_png(torch::zeros({3, 4, 4}, torch::kUInt8)); }).empty());
  EXPECT_FALSE(message_of([] { encode_png(torch::zeros({4, 4, 3})); }).empty());
}

}  // namespace
}  // namespace mkt::image
