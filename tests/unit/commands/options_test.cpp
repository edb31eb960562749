#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "commands/commands.h"
#include "commands/tagger_group.h"
#include "commands/training_group.h"
#include "support/message.h"

namespace mkt::commands {
namespace {

std::vector<Command> all_commands() {
  return {train_stage1(),  train_stage2(), eval(),        infer(),        label_emb(), export_model(),
          nus_wide(),      check(),        inspect(),     convert(),      folders(),   csv(),
          coco(),          open_images(),  voc(),         to_csv(),       demo(),      demo_clip(),
          demo_pointing(), demo_summary(), demo_spread(), demo_compare(), mix(),       average()};
}

std::string default_of(const Command& command, const std::string& name) {
  const auto call = command.begin();
  for (const cli::Setting& setting : call->list().settings()) {
    if (setting.name == name) return value_of(setting).dump();
  }
  return "absent";
}

TEST(Commands, NameEveryOptionOnce) {
  for (const Command& command : all_commands()) {
    const auto call = command.begin();
    std::set<std::string> names;
    for (const cli::Setting& setting : call->list().settings()) {
      EXPECT_TRUE(names.insert(setting.name).second) << command.name << " --" << setting.name;
      EXPECT_FALSE(setting.help.empty()) << command.name << " --" << setting.name;
      EXPECT_FALSE(setting.group.empty()) << command.name << " --" << setting.name;
    }
  }
}

TEST(Commands, HaveDefaultsWithinTheirBounds) {
  for (const Command& command : all_commands()) {
    const auto call = command.begin();
    for (const cli::Setting& setting : call->list().settings()) {
      if (!setting.is_number()) continue;
      const double value = value_of(setting).get<double>();
      EXPECT_TRUE(setting.required || (value >= setting.bounds.low && value <= setting.bounds.high))
          << command.name << " --" << setting.name;
    }
  }
}

TEST(Commands, HaveThePublishedDefaultsOfBothStages) {
  EXPECT_EQ(default_of(train_stage1(), "epochs"), "20");
  EXPECT_EQ(default_of(train_stage1(), "warmup-epochs"), "2.0");
  EXPECT_EQ(default_of(train_stage1(), "min-lr"), "1e-06");
  EXPECT_EQ(default_of(train_stage1(), "layer-decay"), "0.65");
  EXPECT_EQ(default_of(train_stage2(), "epochs"), "4");
  EXPECT_EQ(default_of(train_stage2(), "warmup-epochs"), "0.0");
  EXPECT_EQ(default_of(train_stage2(), "min-lr"), "1e-08");
  for (const Command& stage : {train_stage1(), train_stage2()}) {
    EXPECT_EQ(default_of(stage, "lr"), "0.001");
    EXPECT_EQ(default_of(stage, "weight-decay"), "0.05");
    EXPECT_EQ(default_of(stage, "topk"), "16");
    EXPECT_EQ(default_of(stage, "template"), "\"There is a {} in the scene\"");
    EXPECT_EQ(default_of(stage, "loss-average"), "\"image\"");
    EXPECT_EQ(default_of(stage, "loss"), "\"rank\"");
    EXPECT_EQ(default_of(stage, "margin"), "1.0");
    EXPECT_EQ(default_of(stage, "precision"), "\"fp32\"");
  }
}

TEST(LocalPooling, HasTheScaleOfItsKindAndRefusesOptionsItDoesNotUse) {
  const auto pooling = [](const std::map<std::string, std::string>& given) {
    cli::OptionList list;
    const ClipOptions options(list);
    for (const cli::Setting& setting : list.settings()) {
      if (given.count(setting.name) == 0) continue;
      const std::string& text = given.at(setting.name);
      if (auto* const* number = std::get_if<std::int64_t*>(&setting.target)) **number = std::stoll(text);
      if (auto* const* number = std::get_if<double*>(&setting.target)) **number = std::stod(text);
      if (auto* const* name = std::get_if<std::string*>(&setting.target)) **name = text;
    }
    return options.local_pooling();
  };
  EXPECT_EQ(pooling({}), model::LocalPooling(16));
  EXPECT_EQ(pooling({{"topk", "4"}}), model::LocalPooling(4));
  EXPECT_EQ(pooling({{"local", "softmax"}}), model::LocalPooling(model::Pooling::kSoftmax, 20));
  EXPECT_EQ(pooling({{"local", "softmax"}, {"local-scale", "5"}}),
            model::LocalPooling(model::Pooling::kSoftmax, 5));
  EXPECT_EQ(pooling({{"local", "transport"}}), model::LocalPooling(model::Pooling::kTransport, 0));
  EXPECT_EQ(test::message_of([&] {
              pooling({{"local-scale", "5"}});
            }),
            "--local-scale cannot be combined with --local topk, which has no scale. Drop one.");
  EXPECT_EQ(test::message_of([&] {
              pooling({{"local", "transport"}, {"topk", "4"}});
            }),
            "--topk cannot be combined with --local transport, which weighs all patches. Drop one.");
}

TEST(Infer, LetsTheExportedModelReplaceTheTaggersOptions) {
  const auto call = infer().begin();
  for (const std::string& name : tagger_option_names()) EXPECT_EQ(call->list().replacement_of(name), "model");
  EXPECT_EQ(call->list().replacement_of("image-path"), "");
}

TEST(Preprocessing, TakesThreeNumbersPerMoment) {
  cli::OptionList list;
  const PreprocessingOptions options{list};
  const auto set = [&](const std::string& name, const std::string& text) {
    for (const cli::Setting& setting : list.settings()) {
      if (setting.name == name) *std::get<std::string*>(setting.target) = text;
    }
  };
  EXPECT_FALSE(options.value().mean.has_value());
  EXPECT_FALSE(options.value().preset.has_value());
  EXPECT_FALSE(options.value().crop_share.has_value());
  set("mean", "0.5,0.25,1e-1");
  set("std", "0.1 0.2 0.3");
  set("preprocess", "clip");
  set("resize", "pad");
  const artifact::PreprocessingChoice choice = options.value();
  EXPECT_EQ(choice.mean, (std::array<double, 3>{0.5, 0.25, 0.1}));
  EXPECT_EQ(choice.deviation, (std::array<double, 3>{0.1, 0.2, 0.3}));
  EXPECT_EQ(choice.preset, artifact::PreprocessingPreset::kClip);
  EXPECT_EQ(choice.resize, image::ResizeMode::kPad);
  for (const std::string wrong : {"0.5", "0.5,0.5", "0.5,0.5,0.5,0.5", "a,b,c", "0.5;0.5;0.5"}) {
    set("mean", wrong);
    EXPECT_EQ(test::message_of([&] { options.value(); }),
              "--mean: expected three numbers such as 0.5,0.5,0.5, got " + wrong + ".");
  }
}

/// Message of check_loss() for options given as name and value.
std::string loss_message(const std::vector<std::pair<std::string, std::string>>& given) {
  cli::OptionList list;
  const OptimisationOptions options(list, {"", 1, 0, 0, ""});
  for (const auto& [name, text] : given) {
    for (const cli::Setting& setting : list.settings()) {
      if (setting.name != name) continue;
      if (auto* const* number = std::get_if<double*>(&setting.target)) **number = std::stod(text);
      if (auto* const* whole = std::get_if<std::int64_t*>(&setting.target)) **whole = std::stoll(text);
      if (auto* const* word = std::get_if<std::string*>(&setting.target)) **word = text;
    }
  }
  return test::message_of([&] { options.check_loss(); });
}

TEST(Losses, RefuseOptionsThatTheyDoNotUse) {
  EXPECT_EQ(loss_message({}), "");
  EXPECT_EQ(loss_message({{"margin", "0.2"}}), "");
  EXPECT_EQ(loss_message({{"loss-scale", "5"}}),
            "--loss-scale cannot be combined with --loss rank. Drop one.");
  for (const std::string loss : {"smooth-rank", "asymmetric", "multi-match"}) {
    EXPECT_EQ(loss_message({{"loss", loss}, {"loss-scale", "5"}}), "");
    EXPECT_EQ(loss_message({{"loss", loss}, {"margin", "0.2"}}),
              "--margin cannot be combined with --loss " + loss + ". Drop one.");
    EXPECT_EQ(loss_message({{"loss", loss}, {"accumulate", "2"}}).empty(), loss != "multi-match");
    EXPECT_EQ(loss_message({{"loss", loss}, {"loss-average", "rank"}}).empty(), loss != "multi-match");
  }
  EXPECT_EQ(loss_message({{"loss", "multi-match"}, {"accumulate", "2"}}),
            "--accumulate cannot be combined with --loss multi-match. Drop one.");
  EXPECT_EQ(loss_message({{"loss", "multi-match"}, {"loss-average", "rank"}}),
            "--loss-average rank cannot be combined with --loss multi-match. Drop one.");
}

TEST(LabelFeatures, RefuseACacheThatIsSwitchedOff) {
  cli::OptionList list;
  const LabelFeatureOptions features{list};
  std::get<bool*>(list.settings().back().target)[0] = true;  // sets --no-cache
  EXPECT_EQ(features.folder(), "");
  std::get<std::string*>(list.settings()[1].target)->assign("folder");
  EXPECT_EQ(test::message_of([&] { features.folder(); }),
            "--no-cache cannot be combined with --cache folder. Drop one.");
}

}  // namespace
}  // namespace mkt::commands
