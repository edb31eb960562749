// prepare export and infer --model, as a user deploys: the same scores as from the weights, and what is
// refused.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "integration/world.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const Arguments kTwoLabels = {"--label", "cat", "--label", "cup of coffee"};

/// CLIP weights and what belongs to them, for infer and for prepare export alike.
Arguments described(const Arguments& more) {
  return Arguments{"--clip-path", clip_file("tiny"), "--topk", "5", "--no-cache"} + more;
}

/// The file that `prepare export` makes of it.
std::string exported(const Arguments& description, const Arguments& more = {}) {
  std::string file = scratch_folder("export") + "/model.safetensors";
  const auto result =
      run_command(Arguments{program("prepare"), "export", "--output", file} + description + more);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.output.rfind("wrote " + file + ": ", 0), 0U) << result.output;
  return file;
}

/// What infer prints of two pictures.
std::string tags_of(const Arguments& arguments) {
  const auto result = run_command(Arguments{program("infer"), "--image-path", golden("images/420.jpg"),
                                            golden("images/444.jpg"), "--json"} +
                                  arguments);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return result.output;
}

/// Scores by picture and label.
std::map<std::string, double> scores_in(const std::string& output) {
  std::map<std::string, double> scores;
  for (const json& line : json_lines(output)) {
    for (const json& entry : line["labels"])
      scores[line["image"].get<std::string>() + " " + entry["label"].get<std::string>()] =
          entry["score"].get<double>();
  }
  return scores;
}

/// One with two labels and plain CLIP.
const std::string& small_model() {
  static const std::string file = exported(described(kTwoLabels));
  return file;
}

TEST(Export, GivesTheVeryScoresOfClip) {
  const Arguments description = described(kTwoLabels);
  const std::string expected = tags_of(description);
  EXPECT_EQ(tags_of({"--model", small_model()}), expected);
  // The weights are a half-precision CLIP's: float16 loses nothing.
  const std::string half = exported(description, {"--precision", "float16"});
  EXPECT_EQ(tags_of({"--model", half}), expected);
  EXPECT_LT(fs::file_size(half), fs::file_size(small_model()));
}

TEST(Export, GivesTheVeryScoresOfATunedEncoder) {
  const Arguments description =
      described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide(), "--score", "mkt"});
  EXPECT_EQ(tags_of(Arguments{"--model", exported(description), "--top", "32"}),
            tags_of(description + Arguments{"--top", "32"}));
  const Arguments other = described(kTwoLabels + Arguments{"--img-ckpt", student_file(), "--template",
                                                           "a photo of {}", "--score", "local"});
  EXPECT_EQ(tags_of({"--model", exported(other)}), tags_of(other));
}

TEST(Export, BFloat16StaysCloseToTheScores) {
  const Arguments description = described({"--data-path", mini_nus_wide(), "--score", "mkt"});
  const auto expected = scores_in(tags_of(description + Arguments{"--top", "32"}));
  const std::string file = exported(description, {"--precision", "bfloat16"});
  const auto found = scores_in(tags_of({"--model", file, "--top", "32"}));
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_EQ(found.size(), 64U);
  double difference = 0;
  for (const auto& [name, score] : expected)
    difference = std::max(difference, std::abs(score - found.at(name)));
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference, 0.01);  // scores are a unit vector over the labels
}

TEST(Export, KeepsThresholds) {
  const std::string thresholds = scratch_folder("thresholds") + "/thresholds.json";
  const auto fitted =
      run_command(tiny("eval") + Arguments{"--ckpt-path", student_file(), "--fit-thresholds", thresholds});
  ASSERT_EQ(fitted.exit_code, 0) << fitted.error;
  const Arguments description =
      described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide(), "--thresholds", thresholds});
  const std::string file = exported(description);
  const std::string expected = tags_of(description);
  EXPECT_EQ(tags_of({"--model", file}), expected);
  EXPECT_NE(expected, tags_of(described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide()})));
  // A file without any takes them beside it.
  const std::string without =
      exported(described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide()}));
  EXPECT_EQ(tags_of({"--model", without, "--thresholds", thresholds}), expected);
  const auto refused = [&](const Arguments& more, const std::string& text) {
    const auto result = run_command(
        Arguments{program("infer"), "--model", file, "--image-path", golden("images/420.jpg")} + more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.error, text);
  };
  refused({"--thresholds", thresholds},
          fmt::format("infer: --thresholds: expected none beside --model {}, which holds thresholds, got {}. "
                      "Drop it, or export without thresholds.\n",
                      file, thresholds));
  refused({"--min-score", "0.1"},
          fmt::format("infer: --min-score: expected none beside --model {}, which holds thresholds, got 0.1. "
                      "Drop it, or export without thresholds.\n",
                      file));
}

TEST(InferWithModel, ObeysTheFlagsThatAreNotTheModels) {
  const std::string folder = scratch_folder("model");
  const Arguments model = {"--model", small_model()};
  const Arguments weights = described(kTwoLabels);
  const Arguments more = {"--top", "1", "--min-score", "-0.5", "--batch-size", "1", "--workers", "1"};
  EXPECT_EQ(tags_of(model + more), tags_of(weights + more));
  const auto csv = [&](const Arguments& of) {
    return run_command(Arguments{program("infer"), "--csv", "--image-path", "-"} + of,
                       golden("images/420.jpg") + "\n")
        .output;
  };
  EXPECT_EQ(csv(model), csv(weights));
  EXPECT_EQ(csv(model).rfind("image,label,score\n", 0), 0U);
  for (const std::string flag : {"--heatmap", "--annotate"}) {
    tags_of(model + Arguments{flag, folder + "/model"});
    tags_of(weights + Arguments{flag, folder + "/weights"});
  }
  int pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder + "/weights")) {
    const std::string name = entry.path().filename();
    EXPECT_EQ(file_text(folder + "/model/" + name), file_text(entry.path())) << name;
    ++pictures;
  }
  EXPECT_EQ(pictures, 6);  // two labels and a list for each of two pictures
}

TEST(InferWithModel, RefusesByNameWhatTheModelDecides) {
  const std::string file = golden("images/420.jpg");
  const std::map<std::string, std::string> values = {
      {"clip-path", "\"" + file + "\""},
      {"bpe-path", "\"" + file + "\""},
      {"img-ckpt", "\"" + file + "\""},
      {"txt-ckpt", "\"" + file + "\""},
      {"labels", "\"" + file + "\""},
      {"phrases", "\"" + file + "\""},
      {"data-path", "\"" + file + "\""},
      {"cache", "\"" + file + "\""},
      {"template", "\"a {}\""},
      {"label", "[\"cat\"]"},
      {"score", "\"auto\""},
      {"topk", "16"},
      {"input-size", "0"}};  // defaults of the options among them
  for (const auto& [flag, shown] : values) {
    std::string value = shown;
    value.erase(
        std::remove_if(value.begin(), value.end(), [](char c) { return c == '"' || c == '[' || c == ']'; }),
        value.end());
    const auto result =
        run_command({program("infer"), "--model", small_model(), "--image-path", file, "--" + flag, value});
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_EQ(
        result.error,
        fmt::format(
            "infer: --{}: expected none beside --model, which decides it, got {}. Drop one of the two.\n",
            flag, shown));
  }
  const auto neither = run_command({program("infer"), "--image-path", file, "--label", "cat"});
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_EQ(neither.error, "infer: --clip-path is required, or --model. See --help.\n");
}

TEST(InferWithModel, NamesAFileThatIsNone) {
  const auto error = [](const std::string& file) {
    const auto result =
        run_command({program("infer"), "--model", file, "--image-path", golden("images/420.jpg")});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    return result.error;
  };
  EXPECT_EQ(error(clip_file("tiny")), fmt::format("infer: --model: expected an exported model, got CLIP "
                                                  "weights in {}. Give that file as --clip-path.\n",
                                                  clip_file("tiny")));
  EXPECT_EQ(error(student_file()),
            fmt::format("infer: --model: expected an exported model, got a stage-1 checkpoint in {}. Give "
                        "that file as --ckpt-path (infer: --img-ckpt).\n",
                        student_file()));
  const std::string cut = scratch_folder("cut") + "/model.safetensors";
  fs::copy(small_model(), cut);
  fs::resize_file(cut, fs::file_size(cut) - 8);
  EXPECT_EQ(error(cut).rfind(fmt::format("infer: {}: expected ", cut), 0), 0U);
  EXPECT_NE(error(cut).find(" bytes of data, got "), std::string::npos);
  fs::resize_file(cut, 100);
  EXPECT_NE(error(cut).find(cut + ": the safetensors header claims "), std::string::npos);
  EXPECT_EQ(error("/nowhere/a"),
            "infer: --model: expected a file, got '/nowhere/a', which does not exist. "
            "Check the path.\n");
  const auto mixed_up = run_command({program("infer"), "--clip-path", small_model(), "--label", "cat",
                                     "--image-path", golden("images/420.jpg")});
  EXPECT_EQ(mixed_up.error, fmt::format("infer: --clip-path: expected CLIP weights, got an exported model in "
                                        "{}. Give that file as --model of infer.\n",
                                        small_model()));
}

/// Two of the same command at once.
struct LabelCacheShared : testing::Test {
  std::string folder = scratch_folder("shared") + "/cache";

  Arguments command(const std::string& clip, const Arguments& more = {}) {
    Arguments labels = {"--label"};
    for (int i = 0; i < 300; ++i) labels.push_back(fmt::format("label {}", i));
    return Arguments{program("infer"), "--clip-path", clip,     "--topk",       "5",
                     "--cache",        folder,        "--json", "--image-path", golden("images/420.jpg"),
                     "--top",          "300"} +
           labels + more;
  }
  std::size_t kept() {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder))
      count += entry.path().extension() == ".safetensors";
    return count;
  }
};

TEST_F(LabelCacheShared, TwoProcessesMayWriteTheSameKeyAtOnce) {
  const std::string expected = run_command(command(clip_file("tiny"), {"--template", "{}"})).output;
  fs::remove_all(folder);
  std::vector<std::string> outputs;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    outputs.push_back(scratch_folder("process"));
    children.push_back(start_command(command(clip_file("tiny"), {"--template", "{}"}), outputs.back()));
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    int status = 0;
    waitpid(children[i], &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(file_text(outputs[i] + "/stdout"), expected);
    EXPECT_EQ(file_text(outputs[i] + "/stderr"), "");
  }
  EXPECT_EQ(kept(), 1U);
  const auto after = run_command(command(clip_file("tiny"), {"--template", "{}"}));
  EXPECT_EQ(after.output, expected);
  EXPECT_EQ(after.error, "");
}

TEST_F(LabelCacheShared, ChangedWeightsGetAKeyAndFeaturesOfTheirOwn) {
  const std::string clip = scratch_folder("changing") + "/clip.pth";
  weights::TensorMap weights = weights::load_tensors(clip_file("tiny"));
  weights::save_pth(clip, weights);
  const std::string first = run_command(command(clip)).output;
  EXPECT_EQ(kept(), 1U);
  weights.at("visual.ln_post.bias") = weights.at("visual.ln_post.bias") + 1;
  weights::save_pth(clip, weights);
  EXPECT_NE(run_command(command(clip)).output, first);
  EXPECT_EQ(kept(), 1U);  // the text side is what it was
  weights.at("ln_final.bias") = weights.at("ln_final.bias").clone();
  weights.at("ln_final.bias")[0] += 1;
  weights::save_pth(clip, weights);
  const std::string changed = run_command(command(clip)).output;
  EXPECT_EQ(kept(), 2U);
  EXPECT_EQ(changed, run_command(command(clip)).output);
  fs::remove_all(folder);
  EXPECT_EQ(changed, run_command(command(clip)).output);
}

}  // namespace
}  // namespace mkt::test
