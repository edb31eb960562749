// Tests that a device and a precision give the results of float32 on the CPU. The device is the environment
// variable MKT_TEST_DEVICE, cpu if unset; scripts/gpu.sh sets it to cuda. With MKT_TEST_CLIP=vit-b-16 the
// encoders have ViT-B/16's sizes, otherwise those of the golden tiny CLIP.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "distributed/rank_world.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/image/transforms.h"
#include "mkt/loss/ranking.h"
#include "mkt/model/distillation.h"
#include "mkt/model/scores.h"
#include "mkt/weights/checkpoint.h"
#include "parity/golden_stages.h"
#include "support/difference.h"
#include "support/formula.h"

namespace mkt {
namespace {

using session::Precision;

/// A precision and the largest differences from float32 on the CPU that it may cause.
struct Case {
  Precision precision;
  double features;  ///< of features and scores, relative in norm
  double losses;    ///< of the losses of twelve golden steps, relative
};

std::ostream& operator<<(std::ostream& stream, const Case& tested) {
  return stream << enum_name(tested.precision);
}

std::string setting(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

test::ClipShape clip_shape() {
  return setting("MKT_TEST_CLIP", "tiny") == "tiny" ? test::tiny_clip_shape() : test::ClipShape{};
}

const weights::TensorMap& clip_weights() {
  static const weights::TensorMap weights = test::formula_clip_state(clip_shape());
  return weights;
}

/// Prints a measured difference, for scripts/gpu.sh, and expects it within the tolerance.
void expect_close(const std::string& what, double difference, double tolerance) {
  testing::Test::RecordProperty(what, fmt::format("{:.3g}", difference));
  std::cout << "difference: " << what << " " << difference << " of " << tolerance << std::endl;
  EXPECT_LT(difference, tolerance) << what;
}

/// The larger of two differences; NaN, if one is.
double larger(double a, double b) {
  return std::isnan(b) || b > a ? b : a;
}

class Device : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const std::string device = setting("MKT_TEST_DEVICE", "cpu");
    if (GetParam().precision == Precision::kTf32 && device == "cpu") GTEST_SKIP() << "only GPUs have tf32";
    session::ComputeOptions compute;
    compute.device = device;
    compute.precision = GetParam().precision;
    runtime_ = session::make_runtime(compute);
  }

  void expect_same(const std::string& what, const torch::Tensor& actual, const torch::Tensor& expected) {
    EXPECT_EQ(actual.device().type(), runtime_.device.type()) << what;
    expect_close(what, test::relative_difference(actual.cpu(), expected), GetParam().features);
  }

  session::Runtime runtime_;
};

/// Calls until a function's graph is replayed on a GPU: one as it is, one that records.
constexpr int kCallsBeforeReplay = 2;

torch::Tensor images_of(std::int64_t count) {
  const std::int64_t side = clip_shape().patch * clip_shape().grid;
  return test::formula_tensor("device/images", {count, 3, side, side}, 0, 255.99).to(torch::kUInt8);
}

TEST_P(Device, ImagesAreNormalisedAsOnTheCpu) {
  const torch::Tensor images = images_of(3);
  const torch::Tensor actual = image::normalize(images, image::Preprocessing{}, runtime_.device).cpu();
  EXPECT_LT(test::largest_difference(actual, image::normalize(images, image::Preprocessing{}, torch::kCPU)),
            1e-6);
}

TEST_P(Device, ImageFeaturesAndScores) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor images = images_of(3);
  const clip::VisionEncoder plain = clip::make_vision_encoder({clip_weights(), "formula"});
  const torch::Tensor expected =
      plain->forward(image::normalize(images, image::Preprocessing{}, torch::kCPU));  // (B, T, D)
  const auto frozen =
      clip::make_frozen_vision_encoder({clip_weights(), "formula"}, runtime_.frozen_dtype(), runtime_.device);
  const torch::Tensor moved = image::normalize(images, image::Preprocessing{}, runtime_.device);
  const torch::Tensor actual = frozen.forward(moved);
  expect_same("tokens", actual, expected);
  expect_same("class token", frozen.class_token(moved), expected.select(1, 0));
  for (int i = 1; i < kCallsBeforeReplay; ++i) frozen.forward(torch::zeros_like(moved));
  EXPECT_TRUE(torch::equal(frozen.forward(moved), actual)) << "a replayed graph gives other values";

  const torch::Tensor labels = test::formula_tensor("device/labels", {37, clip_shape().embed_dim}, -1, 1);
  constexpr std::int64_t kTopk = 5;
  const auto wanted = model::branch_scores(model::image_features(expected), labels, kTopk);
  const auto got = model::branch_scores(model::image_features(actual), labels.to(runtime_.device), kTopk);
  expect_same("local scores", got.local, wanted.local);
  expect_same("scores", model::combine(got), model::combine(wanted));
}

TEST_P(Device, DifferentiatedImageFeatures) {
  static const weights::TensorMap checkpoint = test::formula_student_state(clip_shape());
  const auto student = [](torch::Device device) {
    model::Student made = model::make_student_from_checkpoint(checkpoint, "formula");
    made->to(device);
    return made;
  };
  const auto features = [&](const session::Runtime& runtime) {
    clip::VisionEncoder teacher = clip::make_vision_encoder({clip_weights(), "formula"});
    teacher->to(runtime.device);
    const model::DistillationPair pair(student(runtime.device), teacher, 2, runtime.frozen_dtype());
    const session::AutocastScope autocast(runtime);
    const torch::Tensor images = image::normalize(images_of(3), image::Preprocessing{}, runtime.device);
    for (int i = 0; i < kCallsBeforeReplay; ++i) pair.forward(images);
    return pair.forward(images);
  };
  const auto actual = features(runtime_);
  static const auto expected = features({});
  EXPECT_TRUE(actual.student.patches.requires_grad());
  expect_same("student's patches", actual.student.patches, expected.student.patches);
  expect_same("teacher's class token", actual.teacher_global, expected.teacher_global);
}

TEST_P(Device, LabelFeatures) {
  if (clip_shape().vision_layers != test::tiny_clip_shape().vision_layers)
    GTEST_SKIP() << "the golden labels go with the tiny CLIP";
  test::GoldenStage2 expected(1024);
  test::GoldenStage2 actual(16, runtime_);
  expect_same("label features", actual.learner.features(), expected.learner.features());
}

TEST_P(Device, RankingLossAndItsGradient) {
  const auto result = [](torch::Device device) {
    torch::Tensor labels =
        test::formula_tensor("device/present", {5, 61}, -1.4, 1.4).round().to(torch::kInt8);
    torch::Tensor logits = test::formula_tensor("device/logits", {5, 61}, -1, 1).to(device);
    logits.requires_grad_();
    const torch::Tensor loss = loss::ranking_loss(logits, labels);
    loss.backward();
    return std::make_pair(loss.item<double>(), logits.grad().cpu());
  };
  const auto [loss, gradient] = result(runtime_.device);
  const auto [expected, expected_gradient] = result(torch::kCPU);
  expect_close("ranking loss", std::abs(loss / expected - 1), 1e-5);
  expect_close("gradient", test::relative_difference(gradient, expected_gradient), 1e-5);
}

TEST_P(Device, Stage1TakesTheGoldenSteps) {
  test::GoldenStage1 stage(runtime_);
  double rank = 0;
  double dist = 0;
  for (std::int64_t step = 0; step < test::kGoldenSteps; ++step) {
    const train::Losses losses = stage.take_step(step);
    const auto& logged = stage.training["log"][static_cast<std::size_t>(step)];
    rank = larger(rank, std::abs(losses.rank.item<double>() / logged["rank"].get<double>() - 1));
    dist = larger(dist, std::abs(losses.dist.item<double>() / logged["dist"].get<double>() - 1));
  }
  expect_close("ranking losses", rank, GetParam().losses);
  expect_close("distillation losses", dist, GetParam().losses);
}

TEST_P(Device, Stage2TakesTheGoldenSteps) {
  test::GoldenStage2 stage(16, runtime_);
  double rank = 0;
  for (std::int64_t step = 0; step < test::kGoldenSteps; ++step) {
    const auto& logged = stage.training["log"][static_cast<std::size_t>(step)];
    rank = larger(rank, std::abs(stage.take_step(step) / logged["rank"].get<double>() - 1));
  }
  expect_close("ranking losses", rank, GetParam().losses);
}

TEST_P(Device, TheSameStepsGiveTheSameBits) {
  const auto trained = [this] {
    test::GoldenStage1 first(runtime_);
    test::GoldenStage2 second(16, runtime_);
    for (std::int64_t step = 0; step < 3; ++step) {
      first.take_step(step);
      second.take_step(step);
    }
    std::vector<torch::Tensor> all{second.learner.rows().detach().cpu()};
    for (const torch::Tensor& parameter : first.student->parameters())
      all.push_back(parameter.detach().cpu());
    return all;
  };
  const auto once = trained();
  const auto again = trained();
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(torch::equal(once[i], again[i])) << i;
}

TEST(Nccl, OneRankSumsAndBroadcasts) {
  const std::string device = setting("MKT_TEST_DEVICE", "cpu");
  if (device == "cpu") GTEST_SKIP() << "only GPUs have NCCL";
  constexpr int kPort = 29533;
  distributed::Topology topology;
  topology.master_addr = "127.0.0.1";
  topology.master_port = kPort;
  distributed::CommunicatorOptions options;
  options.device = torch::Device(torch::kCUDA, 0);
  distributed::World world(topology, options);
  const torch::Tensor expected = torch::arange(5, torch::kFloat32);
  std::vector<torch::Tensor> sent{expected.to(options.device)};
  world.backend(sent[0]).allreduce(sent)->wait();
  EXPECT_TRUE(torch::equal(sent[0].cpu(), expected));
  world.backend(sent[0]).broadcast(sent)->wait();
  EXPECT_TRUE(torch::equal(sent[0].cpu(), expected));
}

INSTANTIATE_TEST_SUITE_P(Precisions, Device,
                         testing::Values(Case{Precision::kFp32, 1e-5, 1e-4},
                                         Case{Precision::kTf32, 3e-3, 1e-2},
                                         Case{Precision::kBf16, 2e-2, 5e-2},
                                         Case{Precision::kFp16, 3e-3, 1e-2}),
                         [](const testing::TestParamInfo<Case>& tested) {
                           return std::string(enum_name(tested.param.precision));
                         });

}  // namespace
}  // namespace mkt
