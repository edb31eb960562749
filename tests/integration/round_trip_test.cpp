// Converted weights loaded by the projects whose names they have, with the same features as ours.

#include <gtest/gtest.h>

#include "integration/world.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "support/difference.h"

namespace mkt::test {
namespace {

struct Conversion {
  const char* project;     ///< as --to and other_projects.py call it
  const char* module;      ///< the Python module that must be installed
  const char* activation;  ///< as --activation calls it
};

class RoundTrip : public testing::TestWithParam<Conversion> {
 protected:
  static bool has_project() {
    const std::string import = std::string("import torch, ") + GetParam().module;
    return run_command({MKT_TEST_PYTHON, "-c", import}).exit_code == 0;
  }
};

TEST_P(RoundTrip, GivesTheOtherProjectOurFeatures) {
  if (!has_project())
    GTEST_SKIP() << "no " << GetParam().module << " in Python '" << MKT_TEST_PYTHON << "' (MKT_TEST_PYTHON)";
  const bool hugging_face = std::string(GetParam().project) == "hugging-face";
  const std::string folder = scratch_folder("round_trip");
  const std::string converted = folder + (hugging_face ? "/model.safetensors" : "/clip.safetensors");
  const auto conversion =
      run_command({program("prepare"), "convert", "--input", tiny_clip_file(), "--output", converted, "--to",
                   GetParam().project, "--activation", GetParam().activation});
  ASSERT_EQ(conversion.exit_code, 0) << conversion.error;
  clip::Facts facts;
  facts.vision.activation.value = facts.text.activation.value =
      enum_value<nn::Activation>(GetParam().activation);
  const clip::Weights weights(tiny_weights(), "tiny CLIP", facts);
  const torch::Tensor image = formula_tensor("round_trip", {1, 3, 64, 64}, -2, 2);
  torch::Tensor ids = torch::zeros({2, 77}, torch::kInt64);
  ids.slice(1, 0, 4).copy_(torch::tensor({{49406, 320, 2368, 49407}, {49406, 1929, 49407, 0}}));
  weights::save_pth(folder + "/given.pth", {{"image", image}, {"ids", ids}});
  const auto python = run_command({MKT_TEST_PYTHON, MKT_TEST_OTHER_PROJECTS, GetParam().project, folder,
                                   folder + "/given.pth", folder + "/theirs.pth"});
  ASSERT_EQ(python.exit_code, 0) << python.error;
  const at::NoGradGuard no_grad;
  const auto theirs = weights::load_tensors(folder + "/theirs.pth");
  const torch::Tensor our_image = clip::make_vision_encoder(weights)->forward(image).select(1, 0);
  EXPECT_LT(largest_difference(theirs.at("image_feature"), our_image), 1e-4);
  EXPECT_LT(largest_difference(theirs.at("text_features"), clip::make_text_encoder(weights)->encode(ids)), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Projects, RoundTrip,
                         testing::Values(Conversion{"hugging-face", "transformers", "quick-gelu"},
                                         Conversion{"hugging-face", "transformers", "gelu"},
                                         Conversion{"open-clip", "open_clip", "quick-gelu"},
                                         Conversion{"open-clip", "open_clip", "gelu"}),
                         [](const auto& conversion) {
                           return std::string(conversion.param.module) +
                                  (std::string(conversion.param.activation) == "gelu" ? "Gelu" : "QuickGelu");
                         });

}  // namespace
}  // namespace mkt::test
