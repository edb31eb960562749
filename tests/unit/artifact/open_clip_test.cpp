#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "artifact/clip_facts.h"
#include "artifact/encoders.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"
#include "weights/safetensors.h"

namespace mkt::artifact {
namespace {

using test::message_of;

/// Writes the tiny CLIP, with one tensor replaced, to a new folder.
struct ClipFile {
  std::string folder = test::scratch_folder("open_clip");
  std::string path = folder + "/clip.pth";

  explicit ClipFile(const weights::TensorMap& changed = {}) {
    weights::TensorMap tensors = test::tiny_weights();
    for (const auto& [name, tensor] : changed) tensors[name] = tensor;
    weights::save_pth(path, tensors);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
  }
};

clip::Facts activation(nn::Activation value) {
  clip::Facts facts;
  facts.vision.activation = facts.text.activation = {value, "option"};
  return facts;
}

constexpr const char* kGeluConfig =
    R"({"model_cfg": {"vision_cfg": {"width": 128}, "text_cfg": {"width": 128, "heads": 2}}})";

/// Returns the lines that open_clip() logs.
std::string log_of(const std::string& path, const clip::Facts& given) {
  testing::internal::CaptureStderr();
  open_clip(path, given);
  return testing::internal::GetCapturedStderr();
}

TEST(OpenClip, TakesFactsInTheirOrder) {
  const ClipFile file;
  EXPECT_EQ(open_clip(file.path, {}).architecture.vision.activation, nn::Activation::kQuickGelu);
  file.write("open_clip_config.json", kGeluConfig);
  EXPECT_EQ(open_clip(file.path, {}).architecture.vision.activation, nn::Activation::kGelu);
  const auto given = activation(nn::Activation::kQuickGelu);
  EXPECT_EQ(open_clip(file.path, given).architecture.text.activation, nn::Activation::kQuickGelu);
  const std::string own = file.folder + "/own.safetensors";
  weights::save_safetensors(own, test::tiny_weights(),
                            {{kClipMetadata, R"({"vision": {"activation": "quick-gelu", "heads": 1}})"}});
  const clip::Weights clip = open_clip(own, {});
  EXPECT_EQ(clip.architecture.vision.activation, nn::Activation::kQuickGelu);
  EXPECT_EQ(clip.architecture.vision.heads, 1);
}

TEST(OpenClip, TakesTheConfigurationOfTheFilesOwnNamesFirst) {
  const std::string folder = test::scratch_folder("both");
  const std::string file = folder + "/model.safetensors";
  weights::save_safetensors(file, weights::load_tensors(test::golden("formats/hugging_face.safetensors")));
  std::ofstream(folder + "/open_clip_config.json")
      << R"({"model_cfg": {"vision_cfg": {"width": 64}, "text_cfg": {"width": 64, "heads": 1}}})";
  std::ofstream(folder + "/config.json") << R"({"model_type": "clip", "projection_dim": 64,
             "vision_config": {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 1,
                               "num_attention_heads": 1, "patch_size": 16, "image_size": 64},
             "text_config": {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 1,
                             "num_attention_heads": 1}})";
  const clip::Weights clip = open_clip(folder, {});
  EXPECT_EQ(clip.architecture.vision.activation, nn::Activation::kQuickGelu);
  EXPECT_EQ(clip.facts.vision.activation.source, folder + "/config.json");
}

TEST(OpenClip, WarnsOfAnActivationThatIsNowhereStated) {
  const ClipFile file;
  EXPECT_NE(log_of(file.path, {})
                .find("activation: " + file.path +
                      " does not state it; QuickGELU is assumed, as in OpenAI's models."),
            std::string::npos);
  EXPECT_EQ(log_of(file.path, activation(nn::Activation::kGelu)).find("activation"), std::string::npos);
  EXPECT_EQ(log_of(test::golden("formats/openai_archive.pt"), {}).find("activation"), std::string::npos);
}

TEST(OpenClip, WarnsOfHeadsOfAWidthThatNobodyPublished) {
  const ClipFile file;
  EXPECT_NE(log_of(file.path, {})
                .find("vision-heads: " + file.path +
                      " does not state the attention heads of width 128; 2 are assumed."),
            std::string::npos);
}

TEST(OpenClip, RefusesAConfigurationOfOtherWeights) {
  const ClipFile file;
  file.write("open_clip_config.json",
             R"({"model_cfg": {"vision_cfg": {"width": 768}, "text_cfg": {"width": 128, "heads": 2}}})");
  const std::string config = file.folder + "/open_clip_config.json";
  EXPECT_EQ(message_of([&] { open_clip(file.path, {}); }),
            config + ": expected vision MLP width 512, as " + file.path +
                " has, got 3072. Move the file away, or put the weights' own beside them.");
  file.write("open_clip_config.json", "not JSON");
  EXPECT_NE(message_of([&] { open_clip(file.path, {}); }).find(config + ": expected 'model_cfg'"),
            std::string::npos);
}

TEST(OpenClip, IgnoresConfigurationsBesideOpenAisArchive) {
  const std::string folder = test::scratch_folder("archive");
  std::filesystem::copy_file(test::golden("formats/openai_archive.pt"), folder + "/ViT.pt");
  std::ofstream(folder + "/open_clip_config.json") << kGeluConfig;
  EXPECT_EQ(open_clip(folder + "/ViT.pt", {}).architecture.vision.activation, nn::Activation::kQuickGelu);
}

TEST(OpenClip, ReadsConfigurationsForWhatTheMetadataLeaveOut) {
  const ClipFile file;
  file.write("open_clip_config.json", kGeluConfig);
  const std::string own = file.folder + "/own.safetensors";
  weights::save_safetensors(own, test::tiny_weights(), {{kClipMetadata, R"({"vision": {"heads": 4}})"}});
  const clip::Weights clip = open_clip(own, {});
  EXPECT_EQ(clip.architecture.vision.activation, nn::Activation::kGelu);
  EXPECT_EQ(clip.architecture.vision.heads, 4);
}

TEST(OpenClip, IgnoresTheConfigurationOfAnotherKindOfModelWithAWarning) {
  const ClipFile file;
  file.write("config.json", R"({"model_type": "bert", "hidden_size": 768})");
  EXPECT_NE(log_of(file.path, {}).find("/config.json does not describe a CLIP and is ignored"),
            std::string::npos);
}

torch::Tensor tokens(std::int64_t rows) {
  return test::formula_tensor("tokens", {rows, 128}, -1, 1);
}

TEST(MakeTokenizer, DoesNotUseAppendedRows) {
  const ClipFile file({{"token_embedding.weight", tokens(49410)}});
  EXPECT_NE(
      log_of(file.path, {}).find("the last 2 rows of token_embedding.weight were appended to CLIP's 49408"),
      std::string::npos);
  const text::Tokenizer tokenizer = make_tokenizer(open_clip(file.path, {}), MKT_MERGES_PATH);
  EXPECT_EQ(tokenizer.start_token(), 49406);
  EXPECT_EQ(tokenizer.end_token(), 49407);
}

TEST(MakeTokenizer, RefusesTheVocabularyOfAnotherTokenizer) {
  for (const std::int64_t rows : {32000, 49407, 64000}) {
    const ClipFile file({{"token_embedding.weight", tokens(rows)}});
    EXPECT_EQ(message_of([&] { make_tokenizer(open_clip(file.path, {}), MKT_MERGES_PATH); }),
              file.path +
                  ": expected a token embedding of CLIP's tokenizer, 49408 rows and perhaps some appended "
                  "ones, got " +
                  std::to_string(rows) + ". The weights need another tokenizer: use others.");
  }
}

}  // namespace
}  // namespace mkt::artifact
