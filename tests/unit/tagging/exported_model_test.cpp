#include "artifact/exported_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "artifact/encoders.h"
#include "core/text.h"
#include "formats/formats.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"
#include "tagging/export.h"
#include "tagging/tagger.h"
#include "weights/safetensors.h"

namespace mkt::tagging {
namespace {

using weights::WeightType;

/// Makes options that export the tiny CLIP with three labels.
ExportOptions export_options(WeightType weights = WeightType::kFloat32) {
  const std::string folder = test::scratch_folder("export");
  ExportOptions options{};
  options.tagger.text.clip_path = folder + "/clip.pth";
  weights::save_pth(options.tagger.text.clip_path, test::formula_clip_state(test::tiny_clip_shape()));
  options.tagger.text.merges = MKT_MERGES_PATH;
  options.tagger.text.prompt_template = "There is a {} in the scene";
  options.tagger.local = 5;
  options.tagger.score = model::ScoreKind::kGlobal;
  options.tagger.label = {"cat", "cup of coffee", "\"fire\" truck"};
  options.tagger.compute.device = "cpu";
  options.weights = weights;
  options.output = folder + "/model.safetensors";
  return options;
}

/// Path of the model exported with export_options(); written once.
const std::string& exported_file() {
  static const std::string file = [] {
    const ExportOptions options = export_options();
    export_model(options);
    return options.output;
  }();
  return file;
}

/// Applies `change` to the exported file; returns the error message from reading it, without the path.
std::string message_after(const std::function<void(weights::Safetensors&)>& change) {
  weights::Safetensors file = weights::load_safetensors(exported_file());
  change(file);
  const std::string path = test::scratch_folder("changed") + "/model.safetensors";
  weights::save_safetensors(path, file.tensors, file.metadata);
  const std::string message = test::message_of([&] { artifact::read_exported_model(path); });
  EXPECT_TRUE(starts_with(message, path + ": ")) << message;
  return message.substr(std::min(message.size(), path.size() + 2));
}

TEST(ExportedModel, HoldsTheWeightsFeaturesAndFactsOfItsOptions) {
  const ExportOptions options = export_options();
  const std::string line = export_model(options);
  EXPECT_EQ(
      line,
      fmt::format(
          "wrote {}: 3 labels, image encoder in float32 for 64 pixels, score global, no thresholds, {} bytes",
          options.output, std::filesystem::file_size(options.output)));
  const artifact::ExportedModel model = artifact::read_exported_model(options.output);
  EXPECT_EQ(model.facts.labels, options.tagger.label);
  EXPECT_EQ(model.facts.prompt_template, "There is a {} in the scene");
  EXPECT_EQ(model.facts.local.topk, 5);
  EXPECT_EQ(model.facts.score.kind, model::ScoreKind::kGlobal);
  EXPECT_EQ(model.facts.preprocessing, image::clip_preprocessing());  // plain CLIP's
  EXPECT_EQ(model.facts.image_sha256.size(), 64U);
  EXPECT_TRUE(model.facts.thresholds.empty());
  std::int64_t image_side = 0;
  for (const auto& [name, tensor] : weights::load_tensors(options.tagger.text.clip_path)) {
    if (!starts_with(name, "visual.")) continue;
    ++image_side;
    EXPECT_TRUE(torch::equal(model.weights.tensors.at(name), tensor)) << name;
  }
  EXPECT_EQ(static_cast<std::int64_t>(model.weights.tensors.size()), image_side);
  const session::Runtime runtime;
  const clip::Weights clip = artifact::open_clip(options.tagger.text.clip_path, {});
  EXPECT_TRUE(torch::equal(model.label_features,
                           choose_label_features(options.tagger, options.tagger.label, clip, runtime)));
}

TEST(ExportedModel, HasAlignedTensors) {
  const artifact::ExportedModel model = artifact::read_exported_model(exported_file());
  for (const auto& [name, tensor] : model.weights.tensors) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.const_data_ptr()) % 64, 0U) << name;
  }
}

TEST(ExportedModel, HoldsTheEncoderOfAStage1CheckpointUnderClipsNames) {
  ExportOptions options = export_options(WeightType::kFloat16);
  options.tagger.img_ckpt = options.output + ".pth";
  const auto student = test::formula_student_state(test::tiny_clip_shape());
  weights::save_pth(options.tagger.img_ckpt, student);
  options.tagger.score = model::ScoreKind::kMkt;
  EXPECT_NE(export_model(options).find("image encoder in float16 for 64 pixels, score mkt,"),
            std::string::npos);
  const artifact::ExportedModel model = artifact::read_exported_model(options.output);
  EXPECT_TRUE(
      torch::equal(model.weights.tensors.at("visual.proj"), student.at("projection_dist").to(torch::kHalf)));
  EXPECT_EQ(model.weights.tensors.count("visual.projection.fc1.weight"), 0U);
  EXPECT_EQ(model.label_features.scalar_type(), torch::kFloat32);
}

TEST(ExportedModel, IsRefusedIfItsPartsDoNotFit) {
  using File = weights::Safetensors;
  const std::string again = ". Write it again with prepare export.";
  EXPECT_EQ(message_after([](File& file) { file.metadata["mkt_model"] = "4"; }),
            "expected an exported model of version 1, 2 or 3, got version '4'" + again);
  EXPECT_EQ(
      message_after([](File& file) { file.metadata["mkt_clip"] = "quick-gelu"; }),
      "expected a JSON object as metadata 'mkt_clip', got other text. Write the file again with prepare "
      "convert.");
  EXPECT_EQ(
      message_after([](File& file) { file.tensors["visual.extra"] = torch::zeros({1}); }),
      "expected only tensors of a CLIP with a vision transformer, got 'visual.extra' of shape [1], which is "
      "unknown and may change what the others mean. Use weights without it.");
  EXPECT_EQ(message_after([](File& file) { file.metadata.erase("mkt_model"); }),
            "expected an exported model with label_features and the metadata 'mkt_model', got another file. "
            "Write one with prepare export.");
  EXPECT_EQ(message_after([](File& file) { file.metadata["labels"] = "[\"cat\"]"; }),
            "expected 1 rows of label features, one per label, got 3" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["labels"] = "[\"cat\", 1, \"dog\"]"; }),
            "expected a JSON list of texts as metadata 'labels', got other text" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["thresholds"] = "[0.1, 0.2]"; }),
            "expected 3 thresholds, one per label, got 2" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["topk"] = "17"; }),
            "expected 1 to 16 (the patches of an image) as metadata 'topk', got 17" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["topk"] = "5 or 6"; }),
            "expected a positive whole number as metadata 'topk', got '5 or 6'" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata.erase("score"); }),
            "expected the metadata 'score', got none" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["score"] = "best"; }),
            "expected mkt, global, local, cosine, probability, mean-cosine, standard as metadata 'score', "
            "got 'best'" +
                again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["score"] = "probability"; }),
            "expected the metadata 'logit_scale', got none" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["preprocessing"] = "{\"mean\": 3}"; }),
            "expected a preprocessing as metadata 'preprocessing', got '{\"mean\": 3}'" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["calibration"] = "[1, 2, 3]"; }),
            "expected slope and intercept as metadata 'calibration', got 3 numbers" + again);
  EXPECT_EQ(message_after([](File& file) { file.metadata["image_size"] = "224"; }),
            "expected 64 pixels as metadata 'image_size', got 224" + again);
  EXPECT_EQ(message_after([](File& file) { file.tensors["label_features"][0][0] += 1e-3; }),
            "expected label features with the digest features_sha256, got changed ones" + again);
  EXPECT_EQ(message_after([](File& file) { file.tensors.erase("visual.proj"); }),
            "expected tensor 'visual.proj', got none. Check that the file is complete.");
}

TEST(ExportedModel, OfAnEarlierVersionHasMktsPreprocessing) {
  weights::Safetensors file = weights::load_safetensors(exported_file());
  ASSERT_EQ(file.metadata.erase("preprocessing"), 1U);
  const std::string path = test::scratch_folder("earlier") + "/model.safetensors";
  weights::save_safetensors(path, file.tensors, file.metadata);
  EXPECT_EQ(artifact::read_exported_model(path).facts.preprocessing, image::mkt_preprocessing(224));
}

TEST(ExportedModel, HoldsPreprocessingLogitScaleAndCalibration) {
  artifact::ExportedModel model = artifact::read_exported_model(exported_file());
  model.facts.preprocessing.resize = image::ResizeMode::kPad;
  model.facts.score = {model::ScoreKind::kProbability, 99.5};
  model.facts.thresholds = {0.1, 0.2, 0.3};
  model.facts.calibration = metrics::Calibration{12.25, -3.5};
  const std::string path = test::scratch_folder("again") + "/model.safetensors";
  artifact::write_exported_model(path, model);
  const artifact::ModelFacts facts = artifact::read_exported_model(path).facts;
  EXPECT_EQ(facts.preprocessing, model.facts.preprocessing);
  EXPECT_EQ(facts.score.kind, model::ScoreKind::kProbability);
  EXPECT_EQ(facts.score.scale, 99.5);
  ASSERT_TRUE(facts.calibration.has_value());
  EXPECT_EQ(facts.calibration->slope, 12.25);
  EXPECT_EQ(facts.calibration->intercept, -3.5);
  EXPECT_EQ(facts.scores().text_sha256, model.facts.text_sha256);
}

TEST(ExportedModel, OfVersion1IsReadAsOpenAisArchitecture) {
  weights::Safetensors file = weights::load_safetensors(exported_file());
  file.metadata["mkt_model"] = "1";
  file.metadata.erase("mkt_clip");
  const std::string path = test::scratch_folder("version1") + "/model.safetensors";
  weights::save_safetensors(path, file.tensors, file.metadata);
  const clip::VisionOptions vision = artifact::read_exported_model(path).weights.architecture.vision;
  EXPECT_EQ(vision.activation, nn::Activation::kQuickGelu);
  EXPECT_EQ(vision.heads, vision.width / 64);
}

TEST(ExportedModel, RemembersTheActivationItWasExportedWith) {
  ExportOptions options = export_options();
  options.tagger.text.clip_facts.vision.activation = {nn::Activation::kGelu, "test"};
  export_model(options);
  const artifact::ExportedModel model = artifact::read_exported_model(options.output);
  EXPECT_EQ(model.weights.architecture.vision.activation, nn::Activation::kGelu);
}

/// Metadata 'mkt_model' of an export with changed options.
weights::Safetensors exported_with(const std::function<void(ExportOptions&)>& change, std::string& path) {
  ExportOptions options = export_options();
  change(options);
  export_model(options);
  path = options.output;
  return weights::load_safetensors(path);
}

TEST(ExportedModel, RemembersThePoolingAndIsThenOfAVersionThatEarlierProgramsRefuse) {
  std::string path;
  const auto file = exported_with(
      [](ExportOptions& options) {
        options.tagger.local = {model::Pooling::kSoftmax, 12.5};
      },
      path);
  EXPECT_EQ(file.metadata.at("mkt_model"), "3");
  EXPECT_EQ(file.metadata.count("topk"), 0U);
  EXPECT_EQ(artifact::read_exported_model(path).facts.local,
            model::LocalPooling(model::Pooling::kSoftmax, 12.5));
  exported_with([](ExportOptions& options) { options.tagger.local = {model::Pooling::kTransport, 0}; }, path);
  EXPECT_NEAR(artifact::read_exported_model(path).facts.local.scale, 100, 1e-3) << "CLIP's logit scale";
  EXPECT_EQ(weights::load_safetensors(exported_file()).metadata.at("mkt_model"), "2");
}

TEST(ExportedModel, RemembersThatPatchesAttendToThemselves) {
  std::string path;
  const auto file =
      exported_with([](ExportOptions& options) { options.tagger.patches = clip::Patches::kSelf; }, path);
  EXPECT_EQ(file.metadata.at("mkt_model"), "3");
  EXPECT_EQ(artifact::read_exported_model(path).weights.architecture.vision.patches, clip::Patches::kSelf);
  EXPECT_NE(file.metadata.at("image_sha256"),
            weights::load_safetensors(exported_file()).metadata.at("image_sha256"));
}

/// An exported file with the score standard, whose statistics are made up.
weights::Safetensors standard_file() {
  weights::Safetensors file = weights::load_safetensors(exported_file());
  file.metadata["mkt_model"] = "3";
  file.metadata["score"] = "standard";
  file.tensors["score_mean"] = torch::tensor({0.5F, 0.25F, -1.0F});
  file.tensors["score_deviation"] = torch::tensor({1.5F, 0.25F, 1.0F});
  return file;
}

TEST(ExportedModel, HoldsTheStatisticsOfTheScoreStandard) {
  const weights::Safetensors file = standard_file();
  const std::string path = test::scratch_folder("standard") + "/model.safetensors";
  weights::save_safetensors(path, file.tensors, file.metadata);
  const artifact::ExportedModel model = artifact::read_exported_model(path);
  EXPECT_TRUE(torch::equal(model.facts.score.statistics.mean, file.tensors.at("score_mean")));
  EXPECT_EQ(model.facts.scores().statistics_sha256, artifact::digest_of(model.facts.score.statistics));
  artifact::write_exported_model(path, model);
  EXPECT_TRUE(torch::equal(artifact::read_exported_model(path).facts.score.statistics.deviation,
                           file.tensors.at("score_deviation")));
  const auto message = [](const std::function<void(weights::Safetensors&)>& change) {
    return message_after([&](weights::Safetensors& other) {
      other = standard_file();
      change(other);
    });
  };
  const std::string none =
      ", one finite float32 number per label, for the score standard, got none or another. Write it again "
      "with "
      "prepare export.";
  EXPECT_EQ(message([](auto& other) { other.tensors.erase("score_mean"); }),
            "expected the tensor score_mean" + none);
  EXPECT_EQ(message([](auto& other) { other.tensors["score_deviation"] = torch::ones({2}); }),
            "expected the tensor score_deviation" + none);
  EXPECT_EQ(
      message([](auto& other) { other.tensors["score_deviation"][1] = 0; }),
      "expected positive numbers in the tensor score_deviation, got others. Write it again with prepare "
      "export.");
}

TEST(ExportedModel, HoldsThePenaltyOnSeenLabels) {
  weights::Safetensors file = weights::load_safetensors(exported_file());
  file.metadata["mkt_model"] = "3";
  file.metadata["seen_penalty"] = "[0.125]";
  file.metadata["seen_labels"] = "2";
  const std::string path = test::scratch_folder("penalty") + "/model.safetensors";
  weights::save_safetensors(path, file.tensors, file.metadata);
  const artifact::ExportedModel model = artifact::read_exported_model(path);
  EXPECT_EQ(model.facts.seen_penalty, 0.125);
  EXPECT_EQ(model.facts.scores().seen_penalty, 0.125);
  InferOptions options{};
  options.model = path;
  const Tagger tagger = load_exported_model(options, session::Runtime());
  const model::ImageFeatures features{torch::ones({1, 16, 512}), torch::ones({1, 512})};
  options.model = exported_file();
  const torch::Tensor plain = scores_of(load_exported_model(options, session::Runtime()), features);
  const torch::Tensor lowered = 0.125 * plain.std() * torch::tensor({1.0, 1.0, 0.0});
  EXPECT_TRUE(torch::allclose(scores_of(tagger, features), plain - lowered, 0, 1e-6));
  EXPECT_GT(lowered.max().item<double>(), 1e-4);
  EXPECT_EQ(message_after([&](weights::Safetensors& other) {
              other.metadata = file.metadata;
              other.metadata["seen_labels"] = "4";
            }),
            "expected at most 3 as metadata 'seen_labels', got 4. Write it again with prepare export.");
}

TEST(ExportedModel, IsRecognisedByItsContent) {
  const auto report = nlohmann::json::parse(
      formats::inspect(exported_file(), true, {}, [](artifact::FileKind) { return ""; }));
  EXPECT_EQ(report["kind"], "an exported model");
  EXPECT_EQ(report["labels"], 3);
  EXPECT_EQ(report["score"], "global");
  EXPECT_EQ(report["topk"], 5);
  EXPECT_EQ(report["thresholds"], "none");
  EXPECT_EQ(report["image_side"]["resolution"], 64);
}

TEST(Export, RefusesOptionsThatDoNotFitBeforeItWrites) {
  const ExportOptions good = export_options();
  const auto message = [&](const std::function<void(ExportOptions&)>& change) {
    ExportOptions options = good;
    change(options);
    return test::message_of([&] { export_model(options); });
  };
  EXPECT_EQ(message([](ExportOptions& options) { options.tagger.label.resize(1); }),
            "score: expected cosine for a single label, got global, which compares labels and is the same "
            "for every "
            "image if there is one. Use cosine, or give more labels.");
  EXPECT_EQ(message([](ExportOptions& options) { options.tagger.local = 17; }),
            "topk: expected 1 to 16 (the patches of an image), got 17.");
  EXPECT_EQ(message([](ExportOptions& options) { options.tagger.score = model::ScoreKind::kStandard; }),
            "score: expected a file of statistics for the score standard, got none. Write one with eval "
            "(save-statistics) and give it as statistics, or use another score.");
  EXPECT_EQ(
      message([](ExportOptions& options) { options.tagger.seen_penalty = 0.1; }),
      "seen-penalty: expected the labels of a data set (data-path alone), which says which were seen, got "
      "other labels. Drop one.");
  EXPECT_EQ(message([](ExportOptions& options) { options.tagger.label[1] = "\xE9t\xE9"; }),
            "label: expected UTF-8, got other bytes in '\xE9t\xE9'. Convert the text.");
  EXPECT_EQ(message([](ExportOptions& options) { options.tagger.text.prompt_template = "\xE9 {}"; }),
            "template: expected UTF-8, got other bytes in '\xE9 {}'.");
  EXPECT_EQ(
      message([](ExportOptions& options) { options.tagger.label.clear(); }),
      "labels: expected labels in the options label, labels or data-path, got none. Give one of the three.");
  weights::TensorMap large = weights::load_tensors(good.tagger.text.clip_path);
  large["visual.proj"] = torch::full_like(large["visual.proj"], 1e5F);
  weights::TensorMap broken = large;
  broken["visual.ln_post.bias"] = torch::full({128}, std::nan(""), torch::kFloat32);
  const std::string not_finite = good.output + ".nan.pth";
  weights::save_pth(not_finite, broken);
  EXPECT_EQ(message([&](ExportOptions& options) { options.tagger.text.clip_path = not_finite; }),
            not_finite +
                ": expected finite values in tensor 'visual.ln_post.bias', got 128 of 128 that are NaN or "
                "infinite. Download or write the file again.");
  const std::string weights = good.output + ".pth";
  weights::save_pth(weights, large);
  EXPECT_EQ(message([&](ExportOptions& options) {
              options.tagger.text.clip_path = weights;
              options.weights = WeightType::kFloat16;
            }),
            weights + ": tensor 'visual.proj' holds numbers too large for float16. Use bfloat16.");
  EXPECT_FALSE(std::filesystem::exists(good.output));
}

}  // namespace
}  // namespace mkt::tagging
