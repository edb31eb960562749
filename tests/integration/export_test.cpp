// Tests prepare export and infer --model: scores equal those computed from the weights; invalid options and
// files are rejected.

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

/// Returns the options that infer and prepare export share to describe a model.
Arguments described(const Arguments& more) {
  return Arguments{"--clip-path", clip_file("tiny"), "--topk", "5", "--no-cache"} + more;
}

/// Runs `prepare export` with these options; returns the path of the file it writes.
std::string exported(const Arguments& description, const Arguments& more = {}) {
  std::string file = scratch_folder("export") + "/model.safetensors";
  const auto result =
      run_command(Arguments{program("prepare"), "export", "--output", file} + description + more);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.output.rfind("wrote " + file + ": ", 0), 0U) << result.output;
  return file;
}

/// Runs infer on two images; returns its output.
std::string tags_of(const Arguments& arguments) {
  const auto result = run_command(Arguments{program("infer"), "--image-path", golden("images/420.jpg"),
                                            golden("images/444.jpg"), "--json"} +
                                  arguments);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return result.output;
}

/// Parses the scores in infer's output, keyed by "image label".
std::map<std::string, double> scores_in(const std::string& output) {
  std::map<std::string, double> scores;
  for (const json& line : json_lines(output)) {
    for (const json& entry : line["labels"])
      scores[line["image"].get<std::string>() + " " + entry["label"].get<std::string>()] =
          entry["score"].get<double>();
  }
  return scores;
}

/// Returns an exported model with plain CLIP and two labels, written once.
const std::string& small_model() {
  static const std::string file = exported(described(kTwoLabels));
  return file;
}

TEST(Export, GivesExactlyTheScoresOfClip) {
  const Arguments description = described(kTwoLabels);
  const std::string expected = tags_of(description);
  EXPECT_EQ(tags_of({"--model", small_model()}), expected);
  // All weights of this CLIP are representable in float16, so float16 export is lossless.
  const std::string half = exported(description, {"--precision", "float16"});
  EXPECT_EQ(tags_of({"--model", half}), expected);
  EXPECT_LT(fs::file_size(half), fs::file_size(small_model()));
}

TEST(Export, GivesExactlyTheScoresOfATunedEncoder) {
  const Arguments description =
      described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide(), "--score", "mkt"});
  EXPECT_EQ(tags_of(Arguments{"--model", exported(description), "--top", "32"}),
            tags_of(description + Arguments{"--top", "32"}));
  const Arguments other = described(kTwoLabels + Arguments{"--img-ckpt", student_file(), "--template",
                                                           "a photo of {}", "--score", "local"});
  EXPECT_EQ(tags_of({"--model", exported(other)}), tags_of(other));
}

TEST(Export, BFloat16ChangesNoScoreByMoreThanOneHundredth) {
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
  EXPECT_LT(difference, 0.01);  // the score vector of an image has norm 1
}

TEST(Export, KeepsThresholdsAndRefusesOthers) {
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
  // If the model has no thresholds, those given by --thresholds are used.
  const std::string without =
      exported(described({"--img-ckpt", student_file(), "--data-path", mini_nus_wide()}));
  EXPECT_EQ(tags_of({"--model", without, "--thresholds", thresholds}), expected);
  const auto refused = [&](const Arguments& more, const std::string& text) {
    const auto result = run_command(
        Arguments{program("infer"), "--model", file, "--image-path", golden("images/420.jpg")} + more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.error, text);
  };
  const std::string text = fmt::format(
      ": cannot be combined with the model {}, which holds thresholds. Drop one of the two.\n", file);
  refused({"--thresholds", thresholds}, "infer: --thresholds" + text);
  refused({"--min-score", "0.1"}, "infer: --min-score" + text);
  refused({"--top", "10"}, "infer: --top" + text);
}

TEST(InferWithModel, FollowsTheFlagsThatTheModelDoesNotDecide) {
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
  int images = 0;
  for (const auto& entry : fs::directory_iterator(folder + "/weights")) {
    const std::string name = entry.path().filename();
    EXPECT_EQ(file_text(folder + "/model/" + name), file_text(entry.path())) << name;
    ++images;
  }
  EXPECT_EQ(images, 6);  // two heat maps and one annotated image per input image
}

TEST(InferWithModel, RefusesEveryFlagThatTheModelDecides) {
  const std::string file = golden("images/420.jpg");
  const std::map<std::string, std::string> values = {
      {"clip-path", file}, {"bpe-path", file},  {"img-ckpt", file}, {"txt-ckpt", file},   {"labels", file},
      {"phrases", file},   {"data-path", file}, {"cache", file},    {"template", "a {}"}, {"label", "cat"},
      {"score", "auto"},   {"topk", "16"},      {"input-size", "0"}};  // some equal defaults
  for (const auto& [flag, value] : values) {
    const auto result =
        run_command({program("infer"), "--model", small_model(), "--image-path", file, "--" + flag, value});
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_EQ(
        result.error,
        fmt::format("infer: --{} cannot be combined with --model, which decides it. Drop one.\n", flag));
  }
  const auto neither = run_command({program("infer"), "--image-path", file, "--label", "cat"});
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_EQ(neither.error, "infer: --clip-path is required, or --model. See --help.\n");
}

TEST(InferWithModel, NamesTheKindOfAFileThatIsNotAModel) {
  const auto error = [](const std::string& file) {
    const auto result =
        run_command({program("infer"), "--model", file, "--image-path", golden("images/420.jpg")});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    return result.error;
  };
  EXPECT_EQ(error(clip_file("tiny")), fmt::format("infer: --model: expected an exported model, got CLIP "
                                                  "weights in {}. The option --clip-path takes it.\n",
                                                  clip_file("tiny")));
  EXPECT_EQ(error(student_file()),
            fmt::format("infer: --model: expected an exported model, got a stage-1 checkpoint in {}. The "
                        "option --ckpt-path takes it (infer: --img-ckpt).\n",
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
                                        "{}. The option --model of infer takes it.\n",
                                        small_model()));
}

}  // namespace
}  // namespace mkt::test
