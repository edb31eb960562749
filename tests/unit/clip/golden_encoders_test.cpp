// Compares both encoders with outputs of the reference implementation (tests/data/golden/README.md).
#include <gtest/gtest.h>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "support/difference.h"
#include "support/formula.h"

namespace mkt::clip {
namespace {

TEST(GoldenEncoders, TinyVisionEncoderEqualsTheReference) {
  const at::NoGradGuard no_grad;
  const auto golden = weights::load_tensors(test::golden("encoders.pth"));
  const VisionEncoder encoder =
      make_vision_encoder({test::formula_clip_state(test::tiny_clip_shape()), "formula"});
  const torch::Tensor image = test::formula_tensor("golden/image", {4, 3, 64, 64}, -2, 2);
  ASSERT_TRUE(torch::equal(image, golden.at("image")));
  const torch::Tensor tokens = encoder->run(encoder->embed(image), 0, encoder->options.layers);
  EXPECT_LT(test::largest_difference(encoder->ln_post->forward(tokens), golden.at("tokens")), 1e-4);
  for (const torch::Tensor& features :
       {encoder->finish(tokens), FrozenVisionEncoder(encoder).forward(image)}) {
    EXPECT_LT(test::largest_difference(features.narrow(1, 1, 16), golden.at("patches")), 1e-4);
    EXPECT_LT(test::largest_difference(features.select(1, 0), golden.at("cls")), 1e-4);
  }
}

TEST(GoldenEncoders, TinyTextEncoderEqualsTheReference) {
  const at::NoGradGuard no_grad;
  const auto golden = weights::load_tensors(test::golden("encoders.pth"));
  const TextEncoder encoder =
      make_text_encoder({test::formula_clip_state(test::tiny_clip_shape()), "formula"});
  EXPECT_LT(test::largest_difference(encoder->encode(golden.at("ids")), golden.at("text")), 1e-4);
}

TEST(GoldenEncoders, FullSizeEncodersEqualTheReference) {
  const at::NoGradGuard no_grad;
  const auto golden = weights::load_tensors(test::golden("encoders_vitb16.pth"));
  const TensorMap weights = test::formula_clip_state(test::ClipShape{});
  const torch::Tensor image = test::formula_tensor("golden/image224", {1, 3, 224, 224}, -2, 2);
  const VisionEncoder vision = make_vision_encoder({weights, "formula"});
  for (const torch::Tensor& features : {vision->forward(image), FrozenVisionEncoder(vision).forward(image)}) {
    EXPECT_LT(test::largest_difference(features.select(1, 0), golden.at("cls")), 1e-3);
    EXPECT_LT(test::largest_difference(features.narrow(1, 1, 4), golden.at("patches_first4")), 1e-3);
    EXPECT_LT(test::largest_difference(features.narrow(1, 1, 196).mean(1), golden.at("patches_mean")), 1e-3);
  }
  const torch::Tensor ids = weights::load_tensors(test::golden("encoders.pth")).at("ids").narrow(0, 0, 3);
  const TextEncoder text = make_text_encoder({weights, "formula"});
  EXPECT_LT(test::largest_difference(text->encode(ids), golden.at("text")), 1e-3);
}

}  // namespace
}  // namespace mkt::clip
