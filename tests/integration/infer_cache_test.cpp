// Tests the label cache of infer: when it is used, shared, replaced and rejected.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "integration/world.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

struct InferCache : testing::Test {
  std::string folder = scratch_folder("labels") + "/cache";

  CommandResult infer(const Arguments& more, const Arguments& labels = {"cat", "cup of coffee"}) {
    return run_command(Arguments{program("infer"), "--clip-path", clip_file("tiny"), "--topk", "5",
                                 "--image-path", golden("images/420.jpg"), "--json", "--label"} +
                       labels + more);
  }
  CommandResult cached(const Arguments& more = {}, const Arguments& labels = {"cat", "cup of coffee"}) {
    return infer(Arguments{"--cache", folder} + more, labels);
  }
};

TEST_F(InferCache, GivesTheSameBytesAsEncoding) {
  const auto encoded = infer({"--no-cache"});
  ASSERT_EQ(encoded.exit_code, 0) << encoded.error;
  for (int round = 0; round < 2; ++round) EXPECT_EQ(cached().output, encoded.output);
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 1U);
}

TEST_F(InferCache, HasOneFilePerLabelListAndTemplate) {
  cached();
  cached({}, {"cup of coffee", "cat"});
  cached({"--template", "a photo of {}"});
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 3U);
}

TEST_F(InferCache, DistinguishesPhrasesByTheContentOfTheirFile) {
  const std::string phrases = folder + ".json";
  const auto with_phrases = [&](const std::string& text) {
    std::ofstream(phrases) << text;
    auto result = cached({"--phrases", phrases});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result;
  };
  const std::string without = cached().output;
  EXPECT_EQ(with_phrases("{\"labels\": {\"cat\": [\"cat\"]}}").output, without);
  const auto several = with_phrases("{\"labels\": {\"cat\": [\"cat\", \"kitten\"], \"yak\": [\"yak\"]}}");
  EXPECT_NE(several.output, without);
  EXPECT_NE(
      several.error.find("the phrases file has labels that are not in the label list: 1, for example 'yak'"),
      std::string::npos)
      << several.error;
  EXPECT_EQ(infer({"--no-cache", "--phrases", phrases}).output, several.output);
  EXPECT_EQ(files_in(folder, ".safetensors").size(), 3U);
}

TEST_F(InferCache, NamesABrokenFileAndReplacesIt) {
  const auto first = cached();
  const std::string file = files_in(folder, ".safetensors").at(0);
  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);
  const auto second = cached();
  EXPECT_EQ(second.output, first.output);
  EXPECT_NE(second.error.find("warning " + file + ": "), std::string::npos) << second.error;
  EXPECT_NE(second.error.find("The file is ignored and replaced."), std::string::npos) << second.error;
  EXPECT_EQ(fs::file_size(file), size);
}

TEST_F(InferCache, CannotBeCombinedWithNoCache) {
  const auto result = cached({"--no-cache"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.error.find("--no-cache cannot be combined with --cache " + folder), std::string::npos)
      << result.error;
}

/// Runs infer with 300 labels, so that encoding takes long enough for processes to overlap.
struct SharedInferCache : testing::Test {
  std::string folder = scratch_folder("shared") + "/cache";

  Arguments command(const std::string& clip, const Arguments& more = {}) {
    Arguments labels = {"--label"};
    for (int i = 0; i < 300; ++i) labels.push_back(fmt::format("label {}", i));
    return Arguments{
               program("infer"), "--clip-path", clip,           "--topk",       "5",
               "--cache",        folder,        "--json",       "--image-path", golden("images/420.jpg"),
               "--top",          "300",         "--preprocess", "mkt"} +
           labels + more;
  }
  std::size_t kept() { return files_in(folder, ".safetensors").size(); }
};

TEST_F(SharedInferCache, FourProcessesMayWriteTheSameKeyTogether) {
  const std::string expected = run_command(command(clip_file("tiny"), {"--template", "{}"})).output;
  fs::remove_all(folder);
  std::vector<std::string> outputs;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    outputs.push_back(scratch_folder("process"));
    children.push_back(start_command(command(clip_file("tiny"), {"--template", "{}"}), outputs.back()));
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    EXPECT_EQ(wait_for_end(children[i]), 0);
    EXPECT_EQ(file_text(outputs[i] + "/stdout"), expected);
    EXPECT_EQ(file_text(outputs[i] + "/stderr"), "");
  }
  EXPECT_EQ(kept(), 1U);
  const auto after = run_command(command(clip_file("tiny"), {"--template", "{}"}));
  EXPECT_EQ(after.output, expected);
  EXPECT_EQ(after.error, "");
}

TEST_F(SharedInferCache, ChangedTextWeightsChangeTheKeyAndTheFeatures) {
  const std::string clip = scratch_folder("changing") + "/clip.pth";
  weights::TensorMap weights = weights::load_tensors(clip_file("tiny"));
  weights::save_pth(clip, weights);
  const std::string first = run_command(command(clip)).output;
  EXPECT_EQ(kept(), 1U);
  weights.at("visual.ln_post.bias") = weights.at("visual.ln_post.bias") + 1;
  weights::save_pth(clip, weights);
  EXPECT_NE(run_command(command(clip)).output, first);
  EXPECT_EQ(kept(), 1U);  // still one entry, because the text encoder is unchanged
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
