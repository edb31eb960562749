// Tests infer on the command line: output, labels, errors, signals and closed pipes.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "integration/world.h"
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
  const auto labels = mini_labels();
  const auto tagged = json::parse(result.output);
  ASSERT_EQ(tagged["labels"].size(), labels.size());
  double difference = 0;
  for (const auto& entry : tagged["labels"]) {
    const auto column = std::find(labels.begin(), labels.end(), entry["label"]) - labels.begin();
    difference = std::max(difference, std::abs(entry["score"].get<double>() -
                                               scores[1][column].item<float>()));  // row 1 belongs to `image`
  }
  EXPECT_LT(difference, 1e-6);
}

TEST(Infer, ScoresTheLabelsOfTheCommandLine) {
  const auto result = run_command(infer_labels({"--image-path", golden("images/420.jpg"), "--label",
                                                "cup of coffee", "--label", "cat", "--label", "fire truck"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::istringstream lines(result.output);
  std::vector<std::string> printed;
  for (std::string line; std::getline(lines, line);) printed.push_back(line);
  EXPECT_EQ(printed.size(), 4U) << result.output;  // one line with the image name and three lines with labels
  for (const char* label : {"cup of coffee", "cat", "fire truck"}) {
    EXPECT_NE(result.output.find(label), std::string::npos);
  }
}

TEST(Infer, DoesNotSplitALabelAtBracketsOrCommas) {
  const auto result = run_command(
      infer_labels({"--image-path", golden("images/420.jpg"), "--json", "--label", "[a,b]", "red, white"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::vector<std::string> labels;
  const auto tagged = json::parse(result.output);
  for (const auto& entry : tagged["labels"]) labels.push_back(entry["label"]);
  std::sort(labels.begin(), labels.end());
  EXPECT_EQ(labels, (std::vector<std::string>{"[a,b]", "red, white"}));
}

TEST(Infer, ReportsThatGivenLabelsReplaceThoseOfTheDataSet) {
  const auto result = run_command(
      tiny("infer") + Arguments{"--image-path", golden("images/420.jpg"), "--json", "--label", "cat"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(json::parse(result.output)["labels"].size(), 1U);
  EXPECT_NE(result.error.find("the data set's labels are ignored, because other labels are given"),
            std::string::npos)
      << result.error;
}

struct InferErrors : testing::Test {
  CommandResult infer(const std::string& image, const Arguments& more = {}) {
    return run_command(infer_labels({"--image-path", image, "--label", "cat"}) + more);
  }
  void expect_error(const CommandResult& result, const std::string& text, int exit_code = 1) {
    expect_failure(result, exit_code, text);
    EXPECT_EQ(result.error.find("Exception raised"), std::string::npos) << result.error;
  }
};

TEST_F(InferErrors, NameTheMissingOrUnreadableImage) {
  expect_error(infer("/nowhere/a.jpg"), "expected an image, got '/nowhere/a.jpg', which does not exist");
  expect_error(infer(mini_nus_wide() + "/Concepts81.txt"), "Concepts81.txt");
  expect_error(infer(scratch_folder("empty")),
               "expected images (.jpg, .png, .webp, .tif, .bmp, .gif, .heic or .avif) in the folder ");
}

TEST_F(InferErrors, RefuseMissingAndEmptyLabels) {
  expect_error(run_command(infer_labels({"--image-path", golden("images/420.jpg")})),
               "infer: --labels: expected labels in the options label, labels or data-path, got none.", 2);
  expect_error(infer(golden("images/420.jpg"), {"--label", " "}), "--label: expected a text", 2);
}

TEST_F(InferErrors, ABrokenImageEndsTheRunUnlessItIsSkipped) {
  const std::string folder = scratch_folder("images");
  fs::copy(golden("images/420.jpg"), folder + "/a.jpg");
  fs::copy(golden("bad/html.jpg"), folder + "/b.jpg");
  fs::copy(golden("images/444.jpg"), folder + "/c.jpg");
  expect_error(infer(folder), "b.jpg");
  const auto skipped = infer(folder, {"--on-bad-image", "skip", "--json"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.error;
  EXPECT_EQ(json_lines(skipped.output).size(), 2U);
  EXPECT_NE(skipped.error.find("1 of 3 images could not be read"), std::string::npos) << skipped.error;
  // infer does not accept "fill": labels for a grey image would be meaningless.
  expect_error(infer(folder, {"--on-bad-image", "fill"}), "expected one of error, skip; got 'fill'", 2);
}

/// Command line for infer on more images than can be tagged before a test ends.
Arguments endless_infer() {
  Arguments command = infer_labels({"--label", "cat", "--preprocess", "mkt", "--json", "--workers", "1",
                                    "--batch-size", "1", "--image-path"});  // MKT's is not logged
  command.insert(command.end(), 5000, golden("images/420.jpg"));
  return command;
}

TEST(InferEnds, OnASignalAndAfterWholeLines) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string folder = scratch_folder("signal");
    const pid_t child = start_command(endless_infer(), folder);
    EXPECT_TRUE(wait_for_text(folder + "/stdout", "\n", std::chrono::seconds(60)));
    kill(child, signal);
    const int status = wait_for_end(child);
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

/// Runs a command in a shell between the shell code `start` and `end`.
CommandResult in_shell(const std::string& start, const Arguments& command, const std::string& end) {
  return run_command(Arguments{"/bin/sh", "-c", fmt::format("{} \"$@\" {}", start, end), "sh"} + command);
}

TEST(InferEnds, SilentlyIfItsPipeIsClosed) {
  for (const char* start : {"", "trap '' PIPE;"}) {
    const auto result = in_shell(start, endless_infer(), "| head -n 1");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(json_lines(result.output).size(), 1U) << result.output;
    EXPECT_EQ(result.error, "");
  }
}

TEST(InferEnds, WithOneErrorIfItsOutputCannotBeWritten) {
  const auto result = in_shell("", endless_infer(), "> /dev/full");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error, "infer: standard output: writing failed. Is the disk full?\n");
}

}  // namespace
}  // namespace mkt::test
