#include "model/weight_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mkt/model/student.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

/// Whether both tensors have the same bits, so that 0 differs from −0.
bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::equal(a.view(torch::kInt32), b.view(torch::kInt32));
}

clip::Weights tiny_clip() {
  return {test::tiny_weights(), "clip.pt"};
}

/// The image encoder of a checkpoint that was trained from the tiny CLIP.
clip::Weights tiny_tuned() {
  clip::TensorMap tensors = test::formula_student_state(test::tiny_clip_shape());
  for (auto& [name, tensor] : tensors) {
    if (takes_part(name) && model::is_trained(clip_name(name)))
      tensor = tensor + test::formula_tensor("tuned/" + name, tensor.sizes().vec(), -0.1, 0.1);
  }
  tensors["ln_post.bias"][0] = -0.0;
  return vision_weights(tensors, "model_epoch_3.pth", {});
}

TEST(MixedWeights, AreAPlainMeanOfBoth) {
  const clip::Weights clip = tiny_clip();
  const clip::Weights tuned = tiny_tuned();
  for (const double alpha : {0.25, 0.5, 0.9}) {
    const clip::Weights mixed = mixed_weights(clip, tuned, alpha);
    EXPECT_EQ(mixed.tensors.size(), tuned.tensors.size());
    EXPECT_EQ(mixed.file, "model_epoch_3.pth");
    for (const auto& [name, tensor] : mixed.tensors) {
      ASSERT_EQ(tensor.scalar_type(), torch::kFloat32);
      const torch::Tensor base = clip.tensors.at(name).contiguous().flatten();
      const torch::Tensor own = tuned.tensors.at(name).contiguous().flatten();
      const torch::Tensor got = tensor.contiguous().flatten();
      for (std::int64_t i = 0; i < got.numel(); i += 97) {
        const double expected = (1 - alpha) * static_cast<double>(base[i].item<float>()) +
                                alpha * static_cast<double>(own[i].item<float>());
        EXPECT_EQ(got[i].item<float>(), static_cast<float>(expected)) << name << " " << alpha;
      }
    }
  }
}

TEST(MixedWeights, AreClipOrTheCheckpointAtTheEnds) {
  const clip::Weights clip = tiny_clip();
  const clip::Weights tuned = tiny_tuned();
  const clip::Weights first = mixed_weights(clip, tuned, 0);
  const clip::Weights last = mixed_weights(clip, tuned, 1);
  for (const auto& [name, tensor] : tuned.tensors) {
    EXPECT_TRUE(same_bits(first.tensors.at(name), clip.tensors.at(name))) << name;
    EXPECT_TRUE(same_bits(last.tensors.at(name), tensor)) << name;
  }
  EXPECT_TRUE(std::signbit(last.tensors.at("visual.ln_post.bias")[0].item<float>())) << "-0 stays -0";
}

TEST(MixedWeights, KeepWhatNoStageTrains) {
  clip::TensorMap rounded;
  for (const auto& [name, tensor] : test::tiny_weights()) rounded[name] = tensor.to(torch::kHalf);
  const clip::Weights clip(rounded, "half.pt");
  const clip::Weights tuned = tiny_tuned();  // from the same weights in float32
  const clip::Weights mixed = mixed_weights(clip, tuned, 0.5);
  for (const char* name : {"visual.conv1.weight", "visual.positional_embedding", "visual.ln_pre.weight"})
    EXPECT_TRUE(same_bits(mixed.tensors.at(name), tuned.tensors.at(name))) << name;
  EXPECT_TRUE(torch::equal(mixed_weights(clip, tuned, 0).tensors.at("visual.conv1.weight"),
                           rounded.at("visual.conv1.weight").to(torch::kFloat32)));
}

TEST(MixedWeights, RefuseOtherShapesValuesAndShares) {
  const clip::Weights clip = tiny_clip();
  const clip::Weights tuned = tiny_tuned();
  for (const double alpha : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    const std::string message = test::message_of([&] { mixed_weights(clip, tuned, alpha); });
    EXPECT_EQ(message.rfind("alpha: expected a number in [0, 1], got ", 0), 0U) << message;
  }
  clip::Weights other = clip;
  other.tensors["visual.ln_post.bias"] = torch::zeros({3});
  EXPECT_EQ(test::message_of([&] { mixed_weights(other, tuned, 0.5); }).rfind("clip.pt: ", 0), 0U);
  clip::Weights infinite = tuned;
  infinite.tensors["visual.ln_post.bias"] =
      torch::full_like(infinite.tensors["visual.ln_post.bias"], std::numeric_limits<double>::infinity());
  const std::string message = test::message_of([&] { mixed_weights(clip, infinite, 0); });
  EXPECT_NE(message.find("model_epoch_3.pth"), std::string::npos) << message;
}

TEST(MeanOf, IsThePlainMeanInDouble) {
  const torch::Tensor a = test::formula_tensor("a", {5, 7}, -1, 1);
  const torch::Tensor b = test::formula_tensor("b", {5, 7}, -1, 1);
  const torch::Tensor c = test::formula_tensor("c", {5, 7}, -1e-3, 1e-3);
  const torch::Tensor mean = mean_of({a, b, c.to(torch::kFloat64)});
  for (std::int64_t i = 0; i < 5; ++i) {
    const double sum = static_cast<double>(a[i][2].item<float>()) + b[i][2].item<float>() +
                       static_cast<double>(c[i][2].item<float>());
    EXPECT_EQ(mean[i][2].item<float>(), static_cast<float>(sum / 3));
  }
}

TEST(MeanOf, EqualTensorsIsTheirValueBitForBit) {
  torch::Tensor a = test::formula_tensor("a", {100}, -1, 1);
  a[0] = -0.0;
  for (std::size_t count = 1; count <= 11; ++count)
    EXPECT_TRUE(same_bits(mean_of(std::vector<torch::Tensor>(count, a)), a)) << count;
}

}  // namespace
}  // namespace mkt::model
