#include "mkt/clip/vision_encoder.h"

#include <gtest/gtest.h>

#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

VisionEncoder tiny_encoder() {
  return make_vision_encoder({test::formula_clip_state(test::tiny_clip_shape()), "formula"});
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

TEST(FrozenVisionEncoder, LetsPatchesAttendToThemselvesAndKeepsTheClassToken) {
  Weights weights(test::formula_clip_state(test::tiny_clip_shape()), "formula");
  const torch::Tensor plain = make_frozen_vision_encoder(weights).forward(images(3));
  weights.architecture.vision.patches = Patches::kSelf;
  const torch::Tensor self = make_frozen_vision_encoder(weights).forward(images(3));
  const torch::Tensor expected = make_vision_encoder(weights)->forward(images(3)).detach();
  EXPECT_LT(test::largest_difference(self, expected), 1e-5 * expected.abs().max().item<double>());
  EXPECT_TRUE(torch::equal(self.select(1, 0), plain.select(1, 0)));
  EXPECT_GT(test::largest_difference(self.slice(1, 1), plain.slice(1, 1)), 1e-3);
}

TEST(FrozenVisionEncoder, SharesWeightsWithoutChangingResults) {
  const TensorMap weights = test::formula_clip_state(test::tiny_clip_shape());
  for (const auto stored : {torch::kFloat32, torch::kHalf, torch::kBFloat16}) {
    TensorMap given;
    for (const auto& [name, tensor] : weights) given[name] = tensor.to(stored);
    // A column-major matrix must be accepted.
    given["visual.proj"] = given["visual.proj"].t().contiguous().t();
    for (const auto computed : {torch::kFloat32, torch::kBFloat16}) {
      const FrozenVisionEncoder copied(make_vision_encoder({given, "formula"}), computed);
      const FrozenVisionEncoder in_place = make_frozen_vision_encoder({given, "formula"}, computed);
      EXPECT_TRUE(torch::equal(in_place.forward(images(2)), copied.forward(images(2)))) << stored << computed;
    }
  }
}

TEST(AdoptParameters, SharesMatchingTensorsAndConvertsOthers) {
  TensorMap weights = test::formula_clip_state(test::tiny_clip_shape());
  const std::string half = "visual.conv1.weight";
  weights[half] = weights[half].to(torch::kHalf);
  VisionEncoder encoder(vision_options(weights));
  adopt_parameters(*encoder, {weights, "formula"}, "visual.", torch::kCPU,
                   [](const std::string&, const torch::Tensor&) { return torch::kFloat32; });
  for (const auto& parameter : encoder->named_parameters()) {
    const std::string name = "visual." + parameter.key();
    const bool shared = parameter.value().const_data_ptr() == weights.at(name).const_data_ptr();
    EXPECT_EQ(shared, name != half) << name;
    EXPECT_EQ(parameter.value().scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(parameter.value(), weights.at(name).to(torch::kFloat32))) << name;
  }
  weights.erase("visual.ln_post.bias");
  EXPECT_EQ(test::message_of([&] {
              make_frozen_vision_encoder({weights, "a.pt"});
            }),
            "a.pt: expected tensor 'visual.ln_post.bias' of shape [128], got none. Check that the file is "
            "complete and of this model.");
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
