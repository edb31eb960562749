#include "optim/adamw.h"

#include <gtest/gtest.h>

#include "mkt/weights/checkpoint.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::optim {
namespace {

using test::largest_difference;
using test::message_of;

/// A model with a matrix p, a vector q and a matrix r that never receives a gradient.
struct Model {
  NamedParameters parameters;
  std::vector<ParameterGroup> groups = {{{"p", "r"}, 1.0, 0.05}, {{"q"}, 0.4, 0.0}};
  std::unique_ptr<torch::optim::AdamW> optimizer;

  Model(const torch::Tensor& p, const torch::Tensor& q) {
    parameters.insert("p", p.clone().requires_grad_());
    parameters.insert("q", q.clone().requires_grad_());
    parameters.insert("r", torch::ones({3, 3}).requires_grad_());
    optimizer = make_adamw(parameters, groups, 1e-2);
  }

  void step(int i, bool fused = false) {
    set_learning_rate(*optimizer, groups, 1e-2 * (i + 1) / 8);
    const auto gradient = [&](const char* key, const torch::Tensor& like) {
      return test::formula_tensor(key + std::to_string(i), like.sizes().vec(), -1, 1);
    };
    parameters["p"].mutable_grad() = gradient("golden/adam/gp", parameters["p"]);
    parameters["q"].mutable_grad() = gradient("golden/adam/gq", parameters["q"]);
    fused ? fused_step(*optimizer) : optim::step(*optimizer);
  }
};

Model golden_model() {
  const auto golden = weights::load_tensors(test::golden("adamw.pth"));
  return {golden.at("p0"), golden.at("q0")};
}

TEST(AdamW, AgreesWithGolden) {
  const auto golden = weights::load_tensors(test::golden("adamw.pth"));
  Model model = golden_model();
  for (int i = 0; i < 8; ++i) model.step(i);
  EXPECT_LE(largest_difference(model.parameters["p"], golden.at("p8")), 1e-6);
  EXPECT_LE(largest_difference(model.parameters["q"], golden.at("q8")), 1e-6);
  EXPECT_GT(largest_difference(model.parameters["p"], golden.at("p0")), 1e-3);
}

TEST(AdamW, FusedStepsAgreeWithGoldenAndWithPlainSteps) {
  const auto golden = weights::load_tensors(test::golden("adamw.pth"));
  Model plain = golden_model();
  Model fused = golden_model();
  for (int i = 0; i < 8; ++i) {
    plain.step(i);
    fused.step(i, /*fused=*/i != 4);  // both write the same state, so that a run may change its device
  }
  for (const char* name : {"p", "q"}) {
    const std::string end = std::string(name) + "8";
    EXPECT_LE(largest_difference(fused.parameters[name], golden.at(end)), 1e-6);
    EXPECT_LE(largest_difference(fused.parameters[name], plain.parameters[name]), 1e-6);
  }
  EXPECT_TRUE(fused.parameters["r"].equal(torch::ones({3, 3})));
  const State state = optimizer_state(*fused.optimizer, fused.groups);
  EXPECT_EQ(state.at("step.p").item<std::int64_t>(), 8);
  EXPECT_EQ(state.count("exp_avg.r"), 0U);
}

TEST(AdamW, DoesNotChangeParametersWithoutGradients) {
  Model model = golden_model();
  for (int i = 0; i < 3; ++i) model.step(i);
  EXPECT_TRUE(model.parameters["r"].equal(torch::ones({3, 3})));
  EXPECT_EQ(optimizer_state(*model.optimizer, model.groups).count("exp_avg.r"), 0U);
}

TEST(AdamW, ContinuesBitIdenticallyFromItsState) {
  Model whole = golden_model();
  for (int i = 0; i < 5; ++i) whole.step(i);
  const State state = optimizer_state(*whole.optimizer, whole.groups);
  Model resumed(whole.parameters["p"].detach(), whole.parameters["q"].detach());
  resumed.step(0);  // changes p and q and creates a state, which load_optimizer_state() must replace
  {
    const torch::NoGradGuard no_grad;
    for (const std::string name : {"p", "q"}) resumed.parameters[name].copy_(whole.parameters[name]);
  }
  load_optimizer_state(*resumed.optimizer, resumed.groups, state);
  for (int i = 5; i < 8; ++i) {
    whole.step(i);
    resumed.step(i);
  }
  EXPECT_TRUE(resumed.parameters["p"].equal(whole.parameters["p"]));
  EXPECT_TRUE(resumed.parameters["q"].equal(whole.parameters["q"]));
  const State after = optimizer_state(*resumed.optimizer, resumed.groups);
  for (const auto& [key, tensor] : optimizer_state(*whole.optimizer, whole.groups)) {
    EXPECT_TRUE(after.at(key).equal(tensor)) << key;
  }
}

TEST(AdamW, CopiesItsState) {
  Model model = golden_model();
  model.step(0);
  const State state = optimizer_state(*model.optimizer, model.groups);
  ASSERT_EQ(state.size(), 6U);
  EXPECT_EQ(state.at("step.p").item<std::int64_t>(), 1);
  const torch::Tensor average = state.at("exp_avg.p").clone();
  model.step(1);
  EXPECT_TRUE(state.at("exp_avg.p").equal(average));
}

TEST(AdamW, RejectsTheStateOfAnotherModel) {
  Model model = golden_model();
  model.step(0);
  const State good = optimizer_state(*model.optimizer, model.groups);
  const auto refusal = [&](const std::function<void(State&)>& spoil) {
    State state = good;
    spoil(state);
    return message_of([&] { load_optimizer_state(*model.optimizer, model.groups, state); });
  };
  EXPECT_EQ(refusal([](State&) {}), "");
  EXPECT_NE(refusal([](State& s) { s.erase("exp_avg_sq.p"); }).find("expected a tensor 'exp_avg_sq.p'"),
            std::string::npos);
  EXPECT_NE(refusal([](State& s) {
              s["exp_avg.p"] = torch::zeros({5, 7});
            }).find("'exp_avg.p' of shape [7, 5], got [5, 7]"),
            std::string::npos);
  EXPECT_NE(refusal([](State& s) { s["step.p"] = torch::zeros({2}); }).find("one number in 'step.p', got 2"),
            std::string::npos);
  EXPECT_NE(refusal([](State& s) { s["step.z"] = torch::zeros({}); }).find("got 'step.z'"),
            std::string::npos);
}

TEST(AdamW, RejectsOtherGroups) {
  Model model = golden_model();
  EXPECT_NE(message_of([&] {
              make_adamw(model.parameters, {{{"z"}, 1.0, 0.0}}, 1e-3);
            }).find("parameter 'z'"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              set_learning_rate(*model.optimizer, {}, 1e-3);
            }).find("expected the 2 parameter groups"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              optimizer_state(*model.optimizer, {{{"p"}}, {{"q"}}});
            }).find("expected 2 parameters in group 0"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::optim
