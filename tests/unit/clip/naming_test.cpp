#include "clip/naming.h"

#include <gtest/gtest.h>

#include "mkt/clip/weights.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

void expect_identical(const weights::TensorMap& actual, const weights::TensorMap& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(actual.count(name), 1U) << name;
    EXPECT_EQ(actual.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(actual.at(name), tensor)) << name;
  }
}

TEST(Naming, ConvertsBackAndForthWithoutChange) {
  const weights::TensorMap& weights = test::tiny_weights();
  for (const Naming first : {Naming::kOpenAi, Naming::kOpenClipCustom, Naming::kHuggingFace}) {
    const weights::TensorMap once = to_naming(weights, first, "a.pt");
    EXPECT_EQ(naming_of(once), first);
    for (const Naming second : {Naming::kOpenAi, Naming::kOpenClipCustom, Naming::kHuggingFace}) {
      const weights::TensorMap twice = to_naming(to_openai_names(once, "a.pt"), second, "a.pt");
      expect_identical(to_openai_names(twice, "a.pt"), weights);
      expect_identical(to_naming(to_openai_names(twice, "a.pt"), first, "a.pt"), once);
    }
  }
}

TEST(Naming, WritesTheNamesOfOtherProjects) {
  const weights::TensorMap weights = load_tensors(test::golden("formats/state_dict.pth"));
  expect_identical(to_naming(weights, Naming::kHuggingFace, "a.pt"),
                   weights::load_tensors(test::golden("formats/hugging_face.safetensors")));
  expect_identical(to_naming(weights, Naming::kOpenClipCustom, "a.pt"),
                   weights::load_tensors(test::golden("formats/open_clip_text_prefix.safetensors")));
}

TEST(Naming, RefusesTensorsAndSchemesWithoutAName) {
  weights::TensorMap weights = test::tiny_weights();
  weights["visual.extra"] = torch::zeros({2});
  EXPECT_EQ(test::message_of([&] { to_naming(weights, Naming::kHuggingFace, "a.pt"); }),
            "a.pt: expected only tensors of CLIP, got 'visual.extra' of shape [2], for which Hugging Face "
            "has no name. Remove it, or convert to OpenAI's names.");
  weights.erase("visual.extra");
  weights["transformer.resblocks.0.attn.in_proj_bias"] = torch::zeros({4});
  EXPECT_NE(test::message_of([&] {
              to_naming(weights, Naming::kHuggingFace, "a.pt");
            }).find("'transformer.resblocks.0.attn.in_proj_bias' of shape [4]"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::clip
