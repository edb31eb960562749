// Tests that stage 1 on the tiny CLIP reproduces the golden run: gradients, and losses and weights over
// twelve steps.

#include "train/stage1.h"

#include <gtest/gtest.h>

#include "mkt/clip/vision_encoder.h"
#include "mkt/model/distillation.h"
#include "mkt/weights/checkpoint.h"
#include "optim/adamw.h"
#include "optim/parameter_groups.h"
#include "optim/schedule.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/training.h"

namespace mkt {
namespace {

constexpr double kLossTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-3;
constexpr double kFinalTolerance = 5e-3;

/// Returns the comparable part of a gradient or weight: in_proj_bias without its key third, whose gradient is
/// rounding noise; other tensors unchanged.
torch::Tensor comparable(const std::string& name, const torch::Tensor& tensor) {
  if (name.find("in_proj_bias") == std::string::npos) return tensor;
  const auto parts = tensor.chunk(3);
  return torch::cat({parts[0], parts[2]});
}

struct Stage1Golden : testing::Test {
  Stage1Golden()
      : student(model::make_student_from_checkpoint(test::moved_student_state(), "golden student")),
        teacher(clip::make_vision_encoder(test::formula_clip_state(test::tiny_clip_shape()), "golden CLIP")),
        label_features(weights::load_tensor(test::golden("label_emb.pth"))),
        training(test::golden_training("stage1")) {
    const optim::LayerDecay decay{training["args"]["layers"], training["args"]["fix_layer"], 0.65, 0.05};
    const auto parameters = student->named_parameters();
    groups = optim::parameter_groups(parameters, decay);
    for (const auto& parameter : parameters) {
      parameter.value().requires_grad_(optim::trainable(parameter.key(), decay));
    }
    optimizer = optim::make_adamw(parameters, groups, 0);
  }

  train::Losses losses_of(const test::GoldenBatch& batch) {
    const torch::Tensor rows = train::rows_with_positives(batch.labels);
    const model::DistillationPair pair(student, teacher, training["args"]["fix_layer"]);
    return train::stage1_losses(pair.forward(batch.images.index_select(0, rows)), label_features,
                                batch.labels.index_select(0, rows), training["args"]["topk"]);
  }

  model::Student student;
  clip::VisionEncoder teacher;
  torch::Tensor label_features;
  nlohmann::json training;
  std::vector<optim::ParameterGroup> groups;
  std::unique_ptr<torch::optim::AdamW> optimizer;
};

TEST_F(Stage1Golden, GradientsOfTheFirstStepAgree) {
  losses_of(test::golden_batch(0)).total().backward();
  const auto parameters = student->named_parameters();
  for (const auto& [name, expected] : weights::load_tensors(test::golden("stage1_gradients.pth"))) {
    EXPECT_LT(
        test::relative_difference(comparable(name, parameters[name].grad()), comparable(name, expected)),
        kGradientTolerance)
        << name;
  }
}

TEST_F(Stage1Golden, LossesAndWeightsAgreeOverTwelveSteps) {
  const auto start = test::moved_student_state();
  const auto& args = training["args"];
  const optim::CosineSchedule schedule{args["lr"], args["min_lr"], args["warmup"], args["epochs"]};
  const double steps_per_epoch = args["steps_per_epoch"];
  std::int64_t step = 0;
  for (const auto& logged : training["log"]) {
    // Learning rates follow the golden run's options; its log contains other values, computed with lr = 1e-3.
    optim::set_learning_rate(*optimizer, groups, schedule.at(static_cast<double>(step) / steps_per_epoch));
    optimizer->zero_grad();
    const auto losses = losses_of(test::golden_batch(step++ % 6));
    EXPECT_NEAR(losses.rank.item<double>() / logged["rank"].get<double>(), 1, kLossTolerance) << step;
    EXPECT_NEAR(losses.dist.item<double>() / logged["dist"].get<double>(), 1, kLossTolerance) << step;
    losses.total().backward();
    optimizer->step();
  }
  EXPECT_EQ(step, 12);
  const auto parameters = student->named_parameters();
  for (const auto& [name, expected] : weights::load_tensors(test::golden("stage1_final.pth"))) {
    const torch::Tensor change = comparable(name, parameters[name].detach() - start.at(name));
    EXPECT_LT(test::relative_difference(change, comparable(name, expected - start.at(name))), kFinalTolerance)
        << name;
  }
}

}  // namespace
}  // namespace mkt
