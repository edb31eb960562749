// The programs as a user runs them: tiny weights by formula, the miniature NUS-WIDE.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "integration/world.h"
#include "mkt/core/text.h"
#include "mkt/io/checkpoint.h"
#include "mkt/io/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

/// A stage-1 run that several tests look at.
const std::string& trained_folder() {
  static const std::string folder = [] {
    std::string output = scratch_folder("stage1") + "/run";
    const auto result = run_command(tiny_stage1(output));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_EQ(trim(result.output), output + "/model_epoch_1.pth");
    return output;
  }();
  return folder;
}

std::string checkpoint() {
  return trained_folder() + "/model_epoch_1.pth";
}

json evaluation(const Arguments& more) {
  const std::string file = scratch_folder("eval") + "/result.json";
  const auto result = run_command(tiny("eval") + Arguments{"--json", file} + more);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return json::parse(file_text(file));
}

TEST(TrainStage1, WritesWhatARunConsistsOf) {
  std::map<std::string, int> kinds;
  for (const auto& line : json_lines(file_text(trained_folder() + "/metrics.jsonl"))) ++kinds[line["kind"]];
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"step", 4}, {"epoch", 2}, {"eval", 2}}));
  for (const char* name : {"model_epoch_0.pth", "model_epoch_1.pth", "resolved.toml", "run.log"}) {
    EXPECT_TRUE(fs::exists(trained_folder() + "/" + name)) << name;
  }
}

TEST(TrainStage1, ResolvedOptionsRunAgainToTheSameBytes) {
  const std::string again = scratch_folder("stage1") + "/again";
  const auto result = run_command(
      {program("train_stage1"), "--config", trained_folder() + "/resolved.toml", "--output", again});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_TRUE(file_text(again + "/model_epoch_1.pth") == file_text(checkpoint()));
}

TEST(TrainStage1, CheckpointHoldsTheMethodsKeysAndNothingElse) {
  const auto expected = formula_student_state(tiny_clip_shape());
  const auto written = io::load_tensors(checkpoint());
  ASSERT_EQ(written.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_TRUE(written.count(name)) << name;
    EXPECT_EQ(written.at(name).sizes(), tensor.sizes()) << name;
    EXPECT_EQ(written.at(name).dtype(), torch::kFloat32) << name;
  }
}

TEST(TrainStage1, CheckpointLoadsInPythonWithTheMethodsKeys) {
  if (run_command({MKT_TEST_PYTHON, "-c", "import torch"}).exit_code != 0) {
    GTEST_SKIP() << "no torch in Python '" << MKT_TEST_PYTHON << "' (CMake's MKT_TEST_PYTHON)";
  }
  std::string expected;
  for (const auto& [name, tensor] : formula_student_state(tiny_clip_shape())) {
    expected += name + " torch.float32";
    for (const std::int64_t size : tensor.sizes()) expected += cat(" ", size);
    expected += "\n";
  }
  const auto listed = run_command({MKT_TEST_PYTHON, MKT_TEST_LIST_CHECKPOINT, checkpoint()});
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_EQ(listed.output, expected);
}

TEST(TrainStage1, TrainsTheLastBlocksAndLeavesTheRestClips) {
  const auto clip = io::load_tensors(clip_file("tiny"));
  const auto trained = io::load_tensors(checkpoint());
  const auto moved = [&](const std::string& name) {
    return !trained.at(name).equal(clip.at("visual." + name).to(torch::kFloat32));
  };
  EXPECT_TRUE(moved("transformer.resblocks.2.mlp.c_fc.weight"));
  EXPECT_TRUE(moved("transformer.resblocks.3.attn.in_proj_weight"));
  EXPECT_TRUE(moved("ln_post.weight"));
  EXPECT_FALSE(moved("transformer.resblocks.1.mlp.c_fc.weight"));
  EXPECT_FALSE(moved("conv1.weight"));
}

TEST(TrainStage1, RefusesAFolderWithAnEarlierRun) {
  const auto result = run_command(tiny_stage1(trained_folder()));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.error.find("holds an earlier run. Continue that with --resume"), std::string::npos)
      << result.error;
}

TEST(TrainStage1, RefusesToResumeWithOtherOptions) {
  const auto result = run_command(tiny_stage1(trained_folder()) + Arguments{"--resume", "--lr", "0.5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("was saved with lr = 0.001, this run has 0.5"), std::string::npos)
      << result.error;
}

TEST(Eval, GivesTheSameNumbersForAnyBatchAndNumberOfWorkers) {
  const json one = evaluation({"--ckpt-path", checkpoint(), "--workers", "1", "--test-batch-size", "1"});
  const json many = evaluation({"--ckpt-path", checkpoint(), "--workers", "4", "--test-batch-size", "6"});
  EXPECT_EQ(one, many);
  EXPECT_EQ(one["images"], 6);
  EXPECT_EQ(one["zsl"]["classes"].size(), 8U);
  EXPECT_EQ(one["gzsl"]["classes"].size(), 32U);
}

TEST(Eval, PrintsTheTableForPlainClip) {
  const auto result = run_command(tiny("eval") + Arguments{"--zero-shot"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.output.find("ZSL"), std::string::npos);
  EXPECT_NE(result.output.find("GZSL"), std::string::npos);
  EXPECT_NE(result.output.find("6 images"), std::string::npos);
}

TEST(Eval, WantsACheckpointOrZeroShot) {
  const auto result = run_command(tiny("eval"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--ckpt-path: expected a stage-1 checkpoint, or --zero-shot"),
            std::string::npos);
}

TEST(Infer, AgreesWithEval) {
  const std::string scores_file = scratch_folder("scores") + "/scores.safetensors";
  evaluation({"--ckpt-path", checkpoint(), "--save-scores", scores_file});
  const auto scores = io::load_safetensors(scores_file).tensors.at("gzsl");  // (6, 32)
  const std::string image = mini_nus_wide() + "/Flickr/sea/0001_1001.jpg";
  const auto result = run_command(
      tiny("infer") + Arguments{"--img-ckpt", checkpoint(), "--image-path", image, "--json", "--top", "32"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  auto labels = read_lines(mini_nus_wide() + "/Concepts925.txt");
  const auto unseen = read_lines(mini_nus_wide() + "/Concepts81.txt");
  labels.insert(labels.end(), unseen.begin(), unseen.end());
  const auto tagged = json::parse(result.output);
  ASSERT_EQ(tagged["labels"].size(), labels.size());
  double difference = 0;
  for (const auto& entry : tagged["labels"]) {
    const auto column = std::find(labels.begin(), labels.end(), entry["label"]) - labels.begin();
    difference = std::max(difference, std::abs(entry["score"].get<double>() -
                                               scores[1][column].item<float>()));  // second image
  }
  EXPECT_LT(difference, 1e-6);
}

TEST(Infer, ScoresLabelsOfTheCommandLine) {
  const auto result = run_command({program("infer"), "--clip-path", clip_file("tiny"), "--topk", "5",
                                   "--image-path", golden("images/420.jpg"), "--label", "cup of coffee",
                                   "--label", "cat", "--label", "fire truck"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::istringstream lines(result.output);
  std::vector<std::string> printed;
  for (std::string line; std::getline(lines, line);) printed.push_back(line);
  EXPECT_EQ(printed.size(), 4U) << result.output;  // the picture's name and three labels
  for (const char* label : {"cup of coffee", "cat", "fire truck"}) {
    EXPECT_NE(result.output.find(label), std::string::npos);
  }
}

struct InferErrors : testing::Test {
  CommandResult infer(const std::string& image, const Arguments& more = {}) {
    return run_command(Arguments{program("infer"), "--clip-path", clip_file("tiny"), "--topk", "5",
                                 "--image-path", image, "--label", "cat"} +
                       more);
  }
  void expect_failure(const CommandResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 1) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_EQ(result.error.find("Exception raised"), std::string::npos) << result.error;
  }
};

TEST_F(InferErrors, NamesWhatIsWrongWithAPicture) {
  expect_failure(infer("/nowhere/a.jpg"), "/nowhere/a.jpg does not exist");
  expect_failure(infer(mini_nus_wide() + "/Concepts81.txt"), "Concepts81.txt");
  expect_failure(infer(scratch_folder("empty")), "holds no pictures");
}

TEST_F(InferErrors, ABrokenPictureStopsOrIsSkippedAsAsked) {
  const std::string folder = scratch_folder("pictures");
  fs::copy(golden("images/420.jpg"), folder + "/a.jpg");
  fs::copy(golden("bad/html.jpg"), folder + "/b.jpg");
  fs::copy(golden("images/444.jpg"), folder + "/c.jpg");
  expect_failure(infer(folder), "b.jpg");
  const auto skipped = infer(folder, {"--on-bad-image", "skip", "--json"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.error;
  EXPECT_EQ(json_lines(skipped.output).size(), 2U);
  EXPECT_NE(skipped.error.find("1 pictures could not be read"), std::string::npos) << skipped.error;
}

TEST(Prepare, LabelFeaturesAreThoseMadeWhereTheFileIsAbsent) {
  const std::string data = scratch_folder("data") + "/NUS-WIDE";
  fs::copy(mini_nus_wide(), data, fs::copy_options::recursive);
  fs::remove(data + "/label_emb.pt");
  const Arguments eval = {program("eval"),   "--data-path", data, "--clip-path",
                          clip_file("tiny"), "--topk",      "5",  "--zero-shot"};
  const auto made = run_command(eval);
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_NE(made.error.find("label_emb.pt is absent"), std::string::npos) << made.error;
  const auto prepared =
      run_command({program("prepare"), "label-emb", "--data-path", data, "--clip-path", clip_file("tiny")});
  ASSERT_EQ(prepared.exit_code, 0) << prepared.error;
  const auto loaded = run_command(eval);
  EXPECT_EQ(loaded.error.find("label_emb.pt is absent"), std::string::npos) << loaded.error;
  EXPECT_EQ(loaded.output, made.output);
}

/// A copy of the miniature data set with one thing missing.
struct Incomplete : testing::Test {
  Incomplete() : data(scratch_folder("incomplete") + "/NUS-WIDE") {
    fs::copy(mini_nus_wide(), data, fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
      fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    }
  }
  void expect_refused(const std::string& text) {
    const std::string output = scratch_folder("incomplete") + "/run";
    const auto start = std::chrono::steady_clock::now();
    const auto result = run_command({program("train_stage1"), "--data-path", data, "--clip-path",
                                     clip_file("tiny"), "--batch-size", "4", "--output", output});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    EXPECT_EQ(result.exit_code, 1) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(fs::exists(output));
  }
  std::string data;
};

TEST_F(Incomplete, AMissingImageIsNamed) {
  fs::remove(data + "/Flickr/sea/0001_1.jpg");
  expect_refused("sea/0001_1.jpg");
}

TEST_F(Incomplete, AMissingLabelFileIsNamed) {
  fs::remove(data + "/features/nus_wide_test.h5");
  expect_refused("nus_wide_test.h5");
}

TEST_F(Incomplete, AMissingConceptIsNamed) {
  auto lines = read_lines(data + "/Concepts81.txt");
  lines.pop_back();
  std::ofstream(data + "/Concepts81.txt") << join(lines, "\n");
  expect_refused("Concepts81.txt");
}

}  // namespace
}  // namespace mkt::test
