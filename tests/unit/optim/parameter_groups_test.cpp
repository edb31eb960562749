#include "optim/parameter_groups.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "mkt/core/error.h"
#include "support/formula.h"

namespace mkt::optim {
namespace {

NamedParameters parameters_of(const test::ClipShape& shape) {
  NamedParameters parameters;
  for (const auto& [name, tensor] : test::formula_student_state(shape)) parameters.insert(name, tensor);
  return parameters;
}

LayerDecay options_of(const test::ClipShape& shape, std::int64_t fix_layer) {
  LayerDecay options;
  options.layers = shape.vision_layers;
  options.fix_layer = fix_layer;
  return options;
}

TEST(ParameterGroups, AgreeWithGoldenForVitB16) {
  std::ifstream file(test::golden("param_groups.json"));
  std::map<std::pair<double, double>, std::vector<std::string>> expected;
  for (const auto& group : nlohmann::json::parse(file)) {
    expected[{group.at("lr_scale"), group.at("weight_decay")}] =
        group.at("names").get<std::vector<std::string>>();
  }
  const auto groups = parameter_groups(parameters_of({}), options_of({}, 10));
  ASSERT_EQ(groups.size(), expected.size());
  for (const auto& group : groups) {
    const auto found = expected.find({group.lr_scale, group.weight_decay});  // exact, bit-identical keys
    ASSERT_NE(found, expected.end()) << group.lr_scale;
    EXPECT_EQ(group.names, found->second);
  }
}

TEST(ParameterGroups, AcceptAnyNumberOfLayers) {
  const auto shape = test::tiny_clip_shape();
  const auto all = parameters_of(shape);
  const auto groups = parameter_groups(all, options_of(shape, -1));
  std::size_t count = 0;
  for (const auto& group : groups) count += group.names.size();
  EXPECT_EQ(count, all.size());
  EXPECT_DOUBLE_EQ(groups.front().lr_scale, std::pow(0.65, 5));
  EXPECT_DOUBLE_EQ(groups.back().lr_scale, 1.0);
  EXPECT_EQ(parameter_groups(all, options_of(shape, 4)).size(), 2U);  // only parameters after the blocks
}

TEST(ParameterGroups, NumberLayersByName) {
  for (const std::string name : {"class_embedding", "positional_embedding", "conv1.weight", "ln_pre.bias"}) {
    EXPECT_EQ(layer_id(name, 24), 0) << name;
  }
  EXPECT_EQ(layer_id("transformer.resblocks.0.ln_1.weight", 24), 1);
  EXPECT_EQ(layer_id("transformer.resblocks.23.mlp.c_fc.bias", 24), 24);
  for (const std::string name : {"ln_post.weight", "projection.fc1.weight", "projection_dist"}) {
    EXPECT_EQ(layer_id(name, 24), 25) << name;
  }
}

TEST(ParameterGroups, TrainAboveTheFixedLayers) {
  const auto options = options_of({}, 10);
  EXPECT_FALSE(trainable("conv1.weight", options));
  EXPECT_FALSE(trainable("transformer.resblocks.9.ln_1.weight", options));
  EXPECT_TRUE(trainable("transformer.resblocks.10.ln_1.weight", options));
  EXPECT_TRUE(trainable("projection_dist", options));
}

TEST(ParameterGroups, RejectBlocksAndLayersThatDoNotExist) {
  const auto message = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const c10::ValueError& error) {
      return one_line(error);
    }
    return {};
  };
  EXPECT_NE(
      message([] { layer_id("transformer.resblocks.12.ln_1.bias", 12); }).find("a block below 12, got 12"),
      std::string::npos);
  EXPECT_NE(message([] { layer_id("transformer.resblocks.x.ln_1.bias", 12); }).find("resblocks.<number>"),
            std::string::npos);
  EXPECT_NE(message([] {
              parameter_groups(parameters_of(test::tiny_clip_shape()),
                               options_of(test::tiny_clip_shape(), 5));
            }).find("fix-layer: expected less than 5, got 5"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::optim
