#include "mkt/clip/vision.h"

#include <gtest/gtest.h>

#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

VisionEncoder tiny_encoder() {
  return make_vision_encoder(test::formula_clip_state(test::tiny_clip_shape()), "formula");
}

torch::Tensor images(std::int64_t count) {
  return test::formula_tensor("vision_test", {count, 3, 64, 64}, -2, 2);
}

TEST(PatchEmbedding, EqualsAConvolution) {
  PatchEmbedding embedding(24, 16);
  load_parameter(embedding->weight, test::formula_tensor("k", {24, 3, 16, 16}, -0.1, 0.1));
  const torch::Tensor expected =
      torch::conv2d(images(2), embedding->weight, {}, 16).flatten(2).transpose(1, 2);
  EXPECT_LT(test::largest_difference(embedding->forward(images(2)), expected), 1e-5);
}

TEST(VisionEncoder, RefusesImagesOfAnotherSize) {
  EXPECT_EQ(test::message_of([] {
              tiny_encoder()->embed(torch::zeros({2, 3, 64, 48}));
            }),
            "images: expected (B, 3, 64, 64), got [2, 3, 64, 48].");
}

TEST(FrozenVisionEncoder, EqualsThePlainEncoder) {
  const VisionEncoder encoder = tiny_encoder();
  const FrozenVisionEncoder frozen(encoder);
  const torch::Tensor expected = encoder->forward(images(3)).detach();
  EXPECT_LT(test::largest_difference(frozen.forward(images(3)), expected),
            1e-5 * expected.abs().max().item<double>());
  EXPECT_LT(test::largest_difference(frozen.class_token(images(3)), expected.select(1, 0)), 2e-5);
  EXPECT_FALSE(frozen.forward(images(1)).requires_grad());
}

TEST(FrozenVisionEncoder, IsCloseInHalfPrecision) {
  const VisionEncoder encoder = tiny_encoder();
  const torch::Tensor expected = encoder->forward(images(3)).detach();
  const torch::Tensor actual = FrozenVisionEncoder(encoder, torch::kBFloat16).forward(images(3));
  EXPECT_TRUE(actual.isfinite().all().item<bool>());
  EXPECT_LT(test::largest_difference(actual, expected), 0.05 * expected.abs().max().item<double>());
}

}  // namespace
}  // namespace mkt::clip
