#include "artifact/clip_facts.h"

#include <gtest/gtest.h>

#include "artifact/project_configs.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::artifact {
namespace {

using nlohmann::json;
using test::message_of;

json open_clip_h14() {
  return {
      {"model_cfg",
       {{"embed_dim", 1024},
        {"vision_cfg",
         {{"image_size", 224}, {"layers", 32}, {"width", 1280}, {"head_width", 80}, {"patch_size", 14}}},
        {"text_cfg",
         {{"context_length", 77}, {"vocab_size", 49408}, {"width", 1024}, {"heads", 16}, {"layers", 24}}}}},
      {"preprocess_cfg", {{"mean", {0.5, 0.5, 0.5}}, {"std", {0.25, 0.25, 0.25}}}}};
}

TEST(OpenClipFacts, StateActivationHeadsSizesAndPreprocessing) {
  const StatedFacts stated = open_clip_facts(open_clip_h14(), "a.json");
  EXPECT_EQ(stated.facts.vision.activation.value, nn::Activation::kGelu);
  EXPECT_EQ(stated.facts.text.activation.value, nn::Activation::kGelu);
  EXPECT_EQ(stated.facts.vision.activation.source, "a.json");
  EXPECT_EQ(stated.facts.vision.heads.value, 16);
  EXPECT_EQ(stated.facts.text.heads.value, 16);
  EXPECT_EQ(stated.sizes.at("vision width"), 1280);
  EXPECT_EQ(stated.sizes.at("vision MLP width"), 5120);
  EXPECT_EQ(stated.facts.preprocessing.value->mean[0], 0.5);
  EXPECT_EQ(stated.facts.preprocessing.value->crop_share, 1.0);
  EXPECT_TRUE(stated.warnings.empty());
  json quick = open_clip_h14();
  quick["model_cfg"]["quick_gelu"] = true;
  EXPECT_EQ(open_clip_facts(quick, "a.json").facts.vision.activation.value, nn::Activation::kQuickGelu);
}

TEST(OpenClipFacts, RefuseSettingsThatChangeTheComputation) {
  const auto message = [](const char* side, const char* name, const json& value) {
    json config = open_clip_h14();
    config["model_cfg"][side][name] = value;
    return message_of([&] { open_clip_facts(config, "a.json"); });
  };
  EXPECT_EQ(
      message("vision_cfg", "pool_type", "avg"),
      "a.json: expected 'vision_cfg.pool_type' \"tok\", got \"avg\". The model is not one that this program "
      "computes: use another.");
  EXPECT_NE(message("vision_cfg", "no_ln_pre", true), "");
  EXPECT_NE(message("text_cfg", "no_causal_mask", true), "");
  EXPECT_NE(message("text_cfg", "pool_type", "last"), "");
  EXPECT_NE(message("text_cfg", "tokenizer_kwargs", {{"clean", "canonicalize"}}), "");
  EXPECT_NE(message("vision_cfg", "act_kwargs", {{"approximate", "tanh"}}), "");
  EXPECT_NE(message("vision_cfg", "width", "wide"), "");
  EXPECT_NE(message("text_cfg", "hf_tokenizer_name", "roberta-base"), "");
  EXPECT_EQ(message("vision_cfg", "image_size", {224, 224}), "");
  EXPECT_EQ(message("vision_cfg", "patch_dropout", 0.5), "");
}

TEST(OpenClipFacts, WarnOfSettingsTheyDoNotKnowOrHonour) {
  json config = open_clip_h14();
  config["model_cfg"]["vision_cfg"]["new_idea"] = true;
  config["preprocess_cfg"]["interpolation"] = "bilinear";
  EXPECT_EQ(open_clip_facts(config, "a.json").warnings,
            (std::vector<std::string>{"a.json: the setting 'vision_cfg.new_idea' is unknown and is ignored",
                                      "a.json: images are resized bicubically, not by \"bilinear\""}));
}

TEST(HuggingFaceFacts, TakeTransformersDefaultsForWhatIsLeftOut) {
  const json config = {
      {"model_type", "clip"}, {"vision_config", json::object()}, {"text_config", json::object()}};
  const StatedFacts stated = hugging_face_facts(config, "config.json");
  EXPECT_EQ(stated.facts.vision.activation.value, nn::Activation::kQuickGelu);
  EXPECT_EQ(stated.facts.vision.heads.value, 12);
  EXPECT_EQ(stated.facts.text.heads.value, 8);
  EXPECT_EQ(stated.sizes.at("patch size"), 32);
  EXPECT_EQ(stated.sizes.at("text MLP width"), 2048);
}

TEST(HuggingFaceFacts, PreferTheSecondObjectsOfOldFiles) {
  const json config = {{"vision_config", {{"hidden_act", "quick_gelu"}, {"num_attention_heads", 12}}},
                       {"vision_config_dict", {{"hidden_act", "gelu"}, {"num_attention_heads", 16}}},
                       {"text_config", {{"hidden_act", "gelu"}}}};
  const StatedFacts stated = hugging_face_facts(config, "config.json");
  EXPECT_EQ(stated.facts.vision.activation.value, nn::Activation::kGelu);
  EXPECT_EQ(stated.facts.vision.heads.value, 16);
  EXPECT_EQ(stated.facts.text.activation.value, nn::Activation::kGelu);
}

TEST(HuggingFaceFacts, RefuseOtherActivations) {
  const json config = {{"vision_config", {{"hidden_act", "gelu_new"}}}, {"text_config", json::object()}};
  EXPECT_EQ(message_of([&] { hugging_face_facts(config, "config.json"); }),
            "config.json: expected quick_gelu or gelu as 'vision_config.hidden_act', got \"gelu_new\". The "
            "model is "
            "not one that this program computes: use another.");
}

TEST(HuggingFaceFacts, RefuseAnotherTokenizerAndMalformedParts) {
  const auto message = [](const json& text) {
    const json config = {
        {"vision_config", json::object()}, {"text_config", text}, {"text_config_dict", json::object()}};
    return message_of([&] { hugging_face_facts(config, "config.json"); });
  };
  EXPECT_EQ(message({{"eos_token_id", 49407}}), "");
  EXPECT_EQ(message({{"eos_token_id", 2}}), "");
  EXPECT_EQ(message({{"eos_token_id", 1}}),
            "config.json: expected 49407 as 'text_config.eos_token_id', got 1. The weights need another "
            "tokenizer: use "
            "others.");
  EXPECT_EQ(message(json::array({1})),
            "config.json: expected a JSON object 'text_config', got [1]. Download it again.");
  EXPECT_NE(message(nullptr), "");
}

TEST(PreprocessorFacts, ReadEveryFormOfSizes) {
  const auto read = [](const json& config) {
    return *preprocessor_facts(config, "p.json").facts.preprocessing.value;
  };
  EXPECT_EQ(read({{"size", 224}, {"crop_size", 224}}), image::clip_preprocessing());
  EXPECT_EQ(
      read({{"size", {{"shortest_edge", 256}}}, {"crop_size", {{"height", 224}, {"width", 224}}}}).crop_share,
      0.875);
  const json square = {{"height", 336}, {"width", 336}};
  EXPECT_EQ(read({{"size", square}, {"do_center_crop", false}}).resize, image::ResizeMode::kSquash);
  EXPECT_EQ(read({{"size", 224}, {"crop_size", nullptr}, {"do_center_crop", nullptr}}),
            image::clip_preprocessing());
  for (const json& config :
       {json{{"size", {{"longest_edge", 224}}}}, json{{"size", 224}, {"crop_size", 256}},
        json{{"image_mean", {0.5, 0.5}}}, json{{"do_normalize", false}}, json{{"rescale_factor", 1}},
        json{{"do_center_crop", "yes"}}, json{{"do_resize", false}}}) {
    const StatedFacts stated = preprocessor_facts(config, "p.json");
    EXPECT_FALSE(stated.facts.preprocessing.value) << config;
    EXPECT_EQ(stated.warnings,
              std::vector<std::string>{"p.json: its preprocessing is not supported and is ignored; "
                                       "CLIP's is assumed unless options state one"});
  }
  EXPECT_EQ(preprocessor_facts({{"resample", 2}}, "p.json").warnings.size(), 1U);
}

clip::Weights tiny(nn::Activation activation) {
  clip::Facts facts;
  facts.vision.activation = facts.text.activation = {activation, "test"};
  facts.preprocessing = {image::clip_preprocessing(), "test"};
  return {test::tiny_weights(), "a.pt", facts};
}

TEST(ConfigFiles, AreReadBackAsTheSameFacts) {
  for (const auto activation : {nn::Activation::kQuickGelu, nn::Activation::kGelu}) {
    const clip::Weights weights = tiny(activation);
    const auto expect_same = [&](const StatedFacts& read) {
      EXPECT_EQ(read.facts.vision.activation.value, activation);
      EXPECT_EQ(read.facts.text.activation.value, activation);
      EXPECT_EQ(read.facts.vision.heads.value, weights.architecture.vision.heads);
      EXPECT_EQ(read.facts.text.heads.value, weights.architecture.text.heads);
      EXPECT_TRUE(read.warnings.empty());
      const auto sizes = sizes_of(weights.architecture);
      for (const auto& [name, size] : read.sizes) EXPECT_EQ(sizes.at(name), size) << name;
    };
    const auto parsed = [&](bool hugging_face, const char* name) {
      return json::parse(config_files(weights, hugging_face).at(name).dump());
    };
    const StatedFacts open_clip = open_clip_facts(parsed(false, "open_clip_config.json"), "a.json");
    expect_same(open_clip);
    EXPECT_EQ(open_clip.facts.preprocessing.value, image::clip_preprocessing());
    expect_same(hugging_face_facts(parsed(true, "config.json"), "config.json"));
    EXPECT_EQ(
        preprocessor_facts(parsed(true, "preprocessor_config.json"), "p.json").facts.preprocessing.value,
        image::clip_preprocessing());
  }
}

TEST(ConfigFiles, AreNotWrittenForAnAssumedActivation) {
  EXPECT_TRUE(config_files({test::tiny_weights(), "a.pt"}, true).empty());
  EXPECT_TRUE(config_files({test::tiny_weights(), "a.pt"}, false).empty());
}

TEST(ClipMetadata, IsReadBackAndLeavesOutWhatIsOnlyAssumed) {
  const clip::Facts facts =
      parse_clip_metadata(clip_metadata(tiny(nn::Activation::kGelu)), "/a/b.safetensors");
  EXPECT_EQ(facts.vision.activation.value, nn::Activation::kGelu);
  EXPECT_EQ(facts.vision.activation.source, "metadata of b.safetensors");
  EXPECT_EQ(facts.vision.heads.value, 2);
  EXPECT_EQ(facts.preprocessing.value, image::clip_preprocessing());
  const clip::Facts assumed =
      parse_clip_metadata(clip_metadata({test::tiny_weights(), "a.pt"}), "b.safetensors");
  EXPECT_FALSE(assumed.vision.activation.value);
  EXPECT_FALSE(assumed.preprocessing.value);
  EXPECT_NE(message_of([] { parse_clip_metadata("{\"vision\": {\"heads\": -1}}", "b.safetensors"); }), "");
  EXPECT_NE(
      message_of([] { parse_clip_metadata("{\"text\": {\"activation\": \"relu\"}}", "b.safetensors"); }), "");
}

}  // namespace
}  // namespace mkt::artifact
