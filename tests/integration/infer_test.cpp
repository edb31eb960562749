// infer as a user runs it: what it prints, for which labels, and how it ends.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "integration/world.h"
#include "io/numbered_lines.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Arguments infer_labels(const Arguments& labels) {
  return Arguments{program("infer"), "--clip-path", clip_file("tiny"), "--topk", "5"} + labels;
}

TEST(Infer, AgreesWithEval) {
  const std::string scores_file = scratch_folder("scores") + "/scores.safetensors";
  const auto evaluated =
      run_command(tiny("eval") + Arguments{"--ckpt-path", student_file(), "--save-scores", scores_file});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.error;
  const auto scores = weights::load_safetensors(scores_file).tensors.at("gzsl");  // (6, 32)
  const std::string image = mini_nus_wide() + "/Flickr/sea/0001_1001.jpg";
  const auto result = run_command(tiny("infer") + Arguments{"--img-ckpt", student_file(), "--image-path",
                                                            image, "--json", "--top", "32"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  auto labels = io::read_lines(mini_nus_wide() + "/Concepts925.txt");
  const auto unseen = io::read_lines(mini_nus_wide() + "/Concepts81.txt");
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
  const auto result = run_command(infer_labels({"--image-path", golden("images/420.jpg"), "--label",
                                                "cup of coffee", "--label", "cat", "--label", "fire truck"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::istringstream lines(result.output);
  std::vector<std::string> printed;
  for (std::string line; std::getline(lines, line);) printed.push_back(line);
  EXPECT_EQ(printed.size(), 4U) << result.output;  // the picture's name and three labels
  for (const char* label : {"cup of coffee", "cat", "fire truck"}) {
    EXPECT_NE(result.output.find(label), std::string::npos);
  }
}

TEST(Infer, KeepsALabelWithBracketsAndCommasWhole) {
  const auto result = run_command(
      infer_labels({"--image-path", golden("images/420.jpg"), "--json", "--label", "[a,b]", "red, white"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::vector<std::string> labels;
  const auto tagged = json::parse(result.output);
  for (const auto& entry : tagged["labels"]) labels.push_back(entry["label"]);
  std::sort(labels.begin(), labels.end());
  EXPECT_EQ(labels, (std::vector<std::string>{"[a,b]", "red, white"}));
}

TEST(Infer, SaysThatGivenLabelsReplaceADataSets) {
  const auto result = run_command(
      tiny("infer") + Arguments{"--image-path", golden("images/420.jpg"), "--json", "--label", "cat"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(json::parse(result.output)["labels"].size(), 1U);
  EXPECT_NE(result.error.find("--data-path: its labels are left out, as others are given"), std::string::npos)
      << result.error;
}

/// The files of a folder with this extension.
std::vector<fs::path> files_in(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

struct LabelCacheOfInfer : testing::Test {
  std::string folder = scratch_folder("labels") + "/cache";

  CommandResult infer(const Arguments& more, const Arguments& labels = {"cat", "cup of coffee"}) {
    Arguments command = infer_labels({"--image-path", golden("images/420.jpg"), "--json", "--label"});
    return run_command(command + labels + more);
  }
  CommandResult cached(const Arguments& more = {}, const Arguments& labels = {"cat", "cup of coffee"}) {
    return infer(Arguments{"--cache", folder} + more, labels);
  }
};

TEST_F(LabelCacheOfInfer, GivesTheSameBytesAsEncoding) {
  const auto encoded = infer({"--no-cache"});
  ASSERT_EQ(encoded.exit_code, 0) << encoded.error;
  for (int round = 0; round < 2; ++round) EXPECT_EQ(cached().output, encoded.output);
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 1U);
}

TEST_F(LabelCacheOfInfer, KeepsAnotherFileForOtherLabelsAndAnotherTemplate) {
  cached();
  cached({}, {"cup of coffee", "cat"});
  cached({"--template", "a photo of {}"});
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 3U);
}

TEST_F(LabelCacheOfInfer, TellsPhrasesApartByWhatTheirFileSays) {
  const std::string phrases = folder + ".json";
  const auto with_phrases = [&](const std::string& text) {
    std::ofstream(phrases) << text;
    const auto result = cached({"--phrases", phrases});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result;
  };
  const std::string without = cached().output;
  EXPECT_EQ(with_phrases("{\"labels\": {\"cat\": [\"cat\"]}}").output, without);
  const auto several = with_phrases("{\"labels\": {\"cat\": [\"cat\", \"kitten\"], \"yak\": [\"yak\"]}}");
  EXPECT_NE(several.output, without);
  EXPECT_NE(several.error.find("--phrases: 1 of its labels are not asked for, the first 'yak'"),
            std::string::npos)
      << several.error;
  EXPECT_EQ(infer({"--no-cache", "--phrases", phrases}).output, several.output);
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 3U);
}

TEST_F(LabelCacheOfInfer, NamesABrokenFileAndReplacesIt) {
  const auto first = cached();
  const std::string file = files_in(folder, ".safetensors").at(0);
  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);
  const auto second = cached();
  EXPECT_EQ(second.output, first.output);
  EXPECT_NE(second.error.find("cache: " + file + ": "), std::string::npos) << second.error;
  EXPECT_NE(second.error.find("It is left out and replaced."), std::string::npos) << second.error;
  EXPECT_EQ(fs::file_size(file), size);
}

TEST_F(LabelCacheOfInfer, IsRefusedTogetherWithNoCache) {
  const auto result = cached({"--no-cache"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--no-cache: expected no --cache with it, got " + folder), std::string::npos)
      << result.error;
}

struct InferErrors : testing::Test {
  CommandResult infer(const std::string& image, const Arguments& more = {}) {
    return run_command(infer_labels({"--image-path", image, "--label", "cat"}) + more);
  }
  void expect_failure(const CommandResult& result, const std::string& text, int exit_code = 1) {
    EXPECT_EQ(result.exit_code, exit_code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_EQ(result.error.find("Exception raised"), std::string::npos) << result.error;
  }
};

TEST_F(InferErrors, NamesWhatIsWrongWithAPicture) {
  expect_failure(infer("/nowhere/a.jpg"), "/nowhere/a.jpg does not exist");
  expect_failure(infer(mini_nus_wide() + "/Concepts81.txt"), "Concepts81.txt");
  expect_failure(infer(scratch_folder("empty")), "holds no pictures");
}

TEST_F(InferErrors, WantsLabels) {
  expect_failure(run_command(infer_labels({"--image-path", golden("images/420.jpg")})),
                 "labels: none given. Use --label, --labels, or --data-path", 2);
  expect_failure(infer(golden("images/420.jpg"), {"--label", " "}), "--label: expected a text", 2);
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
  // Labels of a grey area would be made up.
  expect_failure(infer(folder, {"--on-bad-image", "fill"}), "expected one of error, skip; got 'fill'", 2);
}

/// More pictures than are tagged before a test is done.
Arguments endless_pictures() {
  Arguments command =
      infer_labels({"--label", "cat", "--json", "--workers", "1", "--batch-size", "1", "--image-path"});
  command.insert(command.end(), 5000, golden("images/420.jpg"));
  return command;
}

TEST(InferEnds, ASignalEndsItAtOnceAndKeepsWhatWasPrinted) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string folder = scratch_folder("signal");
    const pid_t child = start_command(endless_pictures(), folder);
    EXPECT_TRUE(wait_for_text(folder + "/stdout", "\n", std::chrono::seconds(60)));
    kill(child, signal);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    EXPECT_EQ(file_text(folder + "/stderr"), fmt::format("infer: stopped by signal {}\n", signal));
    const std::string printed = file_text(folder + "/stdout");
    EXPECT_EQ(printed.back(), '\n');
    const auto lines = json_lines(printed);
    EXPECT_GE(lines.size(), 1U);
    EXPECT_LT(lines.size(), 5000U);
  }
}

/// The command in a shell, before it `start`, behind it `end`.
CommandResult in_shell(const std::string& start, const Arguments& command, const std::string& end) {
  return run_command(Arguments{"/bin/sh", "-c", fmt::format("{} \"$@\" {}", start, end), "sh"} + command);
}

TEST(InferEnds, WithoutAWordWhenItsReaderLeaves) {
  for (const char* start : {"", "trap '' PIPE;"}) {
    const auto result = in_shell(start, endless_pictures(), "| head -n 1");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(json_lines(result.output).size(), 1U) << result.output;
    EXPECT_EQ(result.error, "");
  }
}

TEST(InferEnds, AtTheFirstPictureThatCannotBePrinted) {
  const auto result = in_shell("", endless_pictures(), "> /dev/full");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error, "infer: standard output: writing failed. Is the disk full?\n");
}

}  // namespace
}  // namespace mkt::test
