// Weights and checkpoints whose tensors do not say everything, from the command line.

#include "integration/world.h"

namespace mkt::test {
namespace {

/// A copy of the tiny CLIP that does not state its architecture, with one tensor replaced.
std::string plain_clip(const std::string& changed = "", const torch::Tensor& tensor = {}) {
  weights::TensorMap tensors = tiny_weights();
  if (!changed.empty()) tensors[changed] = tensor;
  std::string file = scratch_folder("plain_clip") + "/clip.pth";
  weights::save_pth(file, tensors);
  return file;
}

CommandResult infer(const std::string& clip, const Arguments& more = {}) {
  return run_command(Arguments{program("infer"), "--clip-path", clip, "--no-cache", "--topk", "5",
                               "--image-path", golden("images/420.jpg"), "--label", "cat", "dog", "tree"} +
                     more);
}

CommandResult convert(const std::string& input, const std::string& output, const Arguments& more) {
  return run_command(Arguments{program("prepare"), "convert", "--input", input, "--output", output} + more);
}

TEST(OtherWeights, SayInOneLineThatTheirActivationIsAssumed) {
  const std::string clip = plain_clip();
  const CommandResult assumed = infer(clip);
  EXPECT_EQ(assumed.exit_code, 0) << assumed.error;
  EXPECT_NE(assumed.error.find("--activation: " + clip + " does not state it; QuickGELU is assumed"),
            std::string::npos)
      << assumed.error;
  const CommandResult quick =
      infer(clip, {"--activation", "quick-gelu", "--vision-heads", "2", "--text-heads", "2"});
  EXPECT_EQ(quick.output, assumed.output);
  EXPECT_EQ(quick.error, "");
  EXPECT_NE(infer(clip, {"--activation", "gelu"}).output, assumed.output);
}

TEST(OtherWeights, KeepWhatConvertWasTold) {
  const std::string clip = plain_clip();
  const std::string folder = scratch_folder("converted");
  const std::string expected = infer(clip, {"--activation", "gelu"}).output;
  ASSERT_EQ(convert(clip, folder + "/own.safetensors", {"--to", "openai", "--activation", "gelu"}).exit_code,
            0);
  const CommandResult own = infer(folder + "/own.safetensors");
  EXPECT_EQ(own.output, expected);
  EXPECT_EQ(own.error, "");
  const std::string theirs = scratch_folder("hugging_face");
  ASSERT_EQ(convert(clip, theirs + "/model.safetensors", {"--to", "hugging-face", "--activation", "gelu"})
                .exit_code,
            0);
  for (const std::string& path : {theirs, theirs + "/model.safetensors"})
    EXPECT_EQ(infer(path).output, expected);
  weights::save_pth(theirs + "/plain.pth", weights::load_tensors(theirs + "/model.safetensors"));
  EXPECT_EQ(infer(theirs + "/plain.pth").output, expected) << "expected config.json to be read";
}

TEST(OtherWeights, AreNotGivenTheConfigurationOfOthers) {
  const std::string folder = scratch_folder("shared");
  ASSERT_EQ(convert(plain_clip(), folder + "/a.pth", {"--to", "open-clip", "--activation", "gelu"}).exit_code,
            0);
  const CommandResult other =
      convert(plain_clip(), folder + "/b.pth", {"--to", "open-clip", "--activation", "quick-gelu"});
  expect_failure(other, 1, folder + "/open_clip_config.json: expected the configuration of ");
  EXPECT_FALSE(std::filesystem::exists(folder + "/b.pth"));
}

TEST(OtherWeights, WithAValueThatIsNotFiniteAreRefusedByInferAndExport) {
  const std::string name = "visual.transformer.resblocks.2.ln_2.weight";
  torch::Tensor broken = tiny_weights().at(name).clone();
  broken[7] = std::numeric_limits<double>::quiet_NaN();
  const std::string clip = plain_clip(name, broken);
  const std::string expected = clip + ": expected finite values in tensor '" + name + "', got 1 of 128";
  const CommandResult inferred = infer(clip);
  expect_failure(inferred, 1, expected);
  EXPECT_EQ(inferred.output, "");
  const std::string output = scratch_folder("exported") + "/model.safetensors";
  expect_failure(run_command({program("prepare"), "export", "--clip-path", clip, "--topk", "5", "--label",
                              "cat", "dog", "--output", output}),
                 1, expected);
  EXPECT_FALSE(std::filesystem::exists(output));
}

TEST(OtherWeights, WithATensorThatIsNotUnderstoodAreRefused) {
  const std::string clip = plain_clip("positional_embedding_res", torch::zeros({248, 128}));
  expect_failure(infer(clip), 1,
                 clip +
                     ": expected only tensors of a CLIP with a vision transformer, got "
                     "'positional_embedding_res' of shape [248, 128]");
}

TEST(Checkpoints, RememberTheActivationOfTheirTraining) {
  const std::string output = scratch_folder("gelu") + "/run";
  const CommandResult trained =
      run_command(tiny_stage1(output) + Arguments{"--activation", "gelu", "--epochs", "1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const std::string checkpoint = output + "/model_epoch_0.pth";
  const auto facts = nlohmann::json::parse(file_text(checkpoint + ".json"));
  EXPECT_EQ(facts["vision"]["activation"], "gelu");
  const Arguments eval = tiny("eval") + Arguments{"--ckpt-path", checkpoint};
  EXPECT_EQ(run_command(eval + Arguments{"--activation", "gelu"}).exit_code, 0);
  expect_failure(run_command(eval), 1,
                 checkpoint +
                     ": expected vision activation \"gelu\", with which it was trained, "
                     "got \"quick-gelu\".");
  expect_failure(run_command(tiny_stage1(output) + Arguments{"--epochs", "1", "--resume"}), 2,
                 "was saved with architecture = ");
}

TEST(Checkpoints, OfOtherWeightsAreRefused) {
  const std::string clip = plain_clip("visual.ln_pre.weight", torch::ones({128}));
  const CommandResult result = run_command({program("eval"), "--data-path", mini_nus_wide(), "--clip-path",
                                            clip, "--topk", "5", "--ckpt-path", student_file()});
  expect_failure(result, 1, student_file() + ": expected the tensor 'visual.ln_pre.weight' of " + clip);
}

}  // namespace
}  // namespace mkt::test
