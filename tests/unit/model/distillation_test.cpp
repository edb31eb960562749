#include "mkt/model/distillation.h"

#include <gtest/gtest.h>

#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

using test::relative_difference;
using test::tiny_weights;

constexpr std::int64_t kLayers = 4;

/// Whether a parameter is trained: blocks from `fix_layer` on, ln_post and projection_dist.
bool is_trained(const std::string& name, std::int64_t fix_layer) {
  const std::string blocks = "transformer.resblocks.";
  if (name.rfind(blocks, 0) == 0) return std::stoll(name.substr(blocks.size())) >= fix_layer;
  return name.rfind("ln_post.", 0) == 0 || name == "projection_dist";
}

/// Makes a student whose trained parameters differ from CLIP's.
Student moved_student(const clip::TensorMap& weights, std::int64_t fix_layer) {
  Student student = make_student({weights, "formula"}, 42);
  for (const auto& parameter : student->named_parameters()) {
    const bool trained = is_trained(parameter.key(), fix_layer);
    torch::Tensor tensor = parameter.value();
    tensor.set_requires_grad(trained);
    const at::NoGradGuard no_grad;
    if (trained) {
      tensor.add_(test::formula_tensor("golden/delta/" + parameter.key(), tensor.sizes().vec(), -0.02, 0.02));
    }
  }
  return student;
}

/// The reference: runs both encoders in full.
DistillationFeatures long_way(const Student& student, const clip::VisionEncoder& teacher,
                              const torch::Tensor& images) {
  const at::NoGradGuard no_grad;
  const torch::Tensor teacher_global = teacher->forward(images).select(1, 0);
  const at::AutoGradMode with_grad(true);
  return {student->features(images), teacher_global};
}

/// A smooth scalar loss that depends on all outputs.
torch::Tensor some_loss(const DistillationFeatures& features) {
  const auto weights = [](const torch::Tensor& tensor) {
    return test::formula_tensor("loss", tensor.sizes().vec(), -1, 1);
  };
  return (features.student.patches * weights(features.student.patches)).sum() +
         (features.student.global - features.teacher_global).square().sum();
}

void expect_same(const DistillationFeatures& actual, const DistillationFeatures& expected, double tolerance) {
  EXPECT_LT(relative_difference(actual.student.patches, expected.student.patches), tolerance);
  EXPECT_LT(relative_difference(actual.student.global, expected.student.global), tolerance);
  EXPECT_LT(relative_difference(actual.teacher_global, expected.teacher_global), tolerance);
  EXPECT_FALSE(actual.teacher_global.requires_grad());
}

std::map<std::string, torch::Tensor> gradients(Student student, const torch::Tensor& loss) {
  student->zero_grad();
  loss.backward();
  std::map<std::string, torch::Tensor> result;
  for (const auto& parameter : student->named_parameters()) {
    if (parameter.value().grad().defined()) result[parameter.key()] = parameter.value().grad().clone();
  }
  return result;
}

class SharedPrefix : public testing::TestWithParam<std::int64_t> {};

TEST_P(SharedPrefix, EqualsBothEncodersInFull) {
  const std::int64_t fix_layer = GetParam();
  const clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "formula"});
  const Student student = moved_student(tiny_weights(), fix_layer);
  const DistillationPair pair(student, teacher, fix_layer);
  const torch::Tensor images = test::formula_tensor("golden/x0", {4, 3, 64, 64}, -2, 2);

  const DistillationFeatures actual = pair.forward(images);
  const DistillationFeatures expected = long_way(student, teacher, images);
  expect_same(actual, expected, 1e-5);
  const auto actual_gradients = gradients(student, some_loss(actual));
  const auto expected_gradients = gradients(student, some_loss(expected));
  EXPECT_EQ(actual_gradients.size(), expected_gradients.size());
  EXPECT_EQ(actual_gradients.size(), static_cast<std::size_t>(12 * (kLayers - fix_layer) + 3));
  for (const auto& [name, gradient] : expected_gradients) {
    ASSERT_EQ(actual_gradients.count(name), 1U) << name;
    EXPECT_LT(relative_difference(actual_gradients.at(name), gradient), 1e-5) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryFixLayer, SharedPrefix, testing::Range<std::int64_t>(0, kLayers + 1));

TEST(DistillationPair, EqualsBothEncodersAtFullSize) {
  const at::NoGradGuard no_grad;
  constexpr std::int64_t kFixLayer = 10;
  const clip::TensorMap weights = test::formula_clip_state(test::ClipShape{});
  const clip::VisionEncoder teacher = clip::make_vision_encoder({weights, "formula"});
  const Student student = moved_student(weights, kFixLayer);
  const torch::Tensor images = test::formula_tensor("golden/image224", {1, 3, 224, 224}, -2, 2);
  expect_same(DistillationPair(student, teacher, kFixLayer).forward(images),
              long_way(student, teacher, images), 1e-5);
}

TEST(DistillationPair, IsCloseInHalfPrecision) {
  const clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "formula"});
  const Student student = moved_student(tiny_weights(), 2);
  const torch::Tensor images = test::formula_tensor("golden/x0", {4, 3, 64, 64}, -2, 2);
  const DistillationPair pair(student, teacher, 2, torch::kBFloat16);
  expect_same(pair.forward(images), long_way(student, teacher, images), 0.02);
}

TEST(DistillationPair, SharesWeightsWithTheStudentOnly) {
  const clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "formula"});
  const Student student = moved_student(tiny_weights(), 2);
  const DistillationPair pair(student, teacher, 2);
  const torch::Tensor images = test::formula_tensor("golden/x0", {1, 3, 64, 64}, -2, 2);
  const DistillationFeatures before = pair.forward(images);
  {
    const at::NoGradGuard no_grad;
    student->projection.mul_(2);
    teacher->projection.mul_(2);
  }
  const DistillationFeatures after = pair.forward(images);
  EXPECT_LT(relative_difference(after.student.global, 2 * before.student.global), 1e-6);
  EXPECT_TRUE(torch::equal(after.teacher_global, before.teacher_global));
}

TEST(DistillationPair, RefusesAStudentWithOtherFrozenParts) {
  const clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "formula"});
  const Student student = moved_student(tiny_weights(), 1);
  EXPECT_NE(test::message_of([&] {
              const DistillationPair pair(student, teacher, 2);
            }).find("student: expected CLIP's values in 'transformer.resblocks.1."),
            std::string::npos);
}

TEST(DistillationPair, RefusesAFixLayerBeyondTheBlocks) {
  const clip::VisionEncoder teacher = clip::make_vision_encoder({tiny_weights(), "formula"});
  const Student student = moved_student(tiny_weights(), 4);
  for (const std::int64_t fix_layer : {-1, 5}) {
    EXPECT_EQ(test::message_of([&] { const DistillationPair pair(student, teacher, fix_layer); }),
              "fix-layer: expected 0 to 4 (the encoder's blocks), got " + std::to_string(fix_layer) + ".");
  }
}

}  // namespace
}  // namespace mkt::model
