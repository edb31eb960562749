// Tests that invalid input is rejected before long computations, with a one-line error and advice.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "core/text.h"
#include "integration/world.h"
#include "io/numbered_lines.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

/// Expects a failure with nothing on standard output and one line on standard error that contains `text`.
void expect_refused(const CommandResult& result, int exit_code, const std::string& text) {
  expect_failure(result, exit_code, text);
  EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
  EXPECT_EQ(result.output, "");
}

CommandResult eval(const Arguments& more) {
  return run_command(tiny("eval") + more);
}

CommandResult infer(const Arguments& more) {
  return run_command(tiny("infer") + Arguments{"--image-path", golden("images/420.jpg")} + more);
}

TEST(Eval, NeedsEitherACheckpointOrZeroShot) {
  expect_refused(eval({}), 2, "--ckpt-path: expected a stage-1 checkpoint, or --zero-shot");
  expect_refused(eval({"--zero-shot", "--eval-ckpt", student_file()}), 2,
                 "--zero-shot cannot be combined with --eval-ckpt. Drop one.");
}

TEST(Eval, ChecksItsOutputFilesFirstAndLeavesThemUnchanged) {
  const std::string folder = scratch_folder("outputs");
  const std::string old = folder + "/old.json";
  std::ofstream(old) << "old";
  for (const std::string flag : {"--json", "--save-scores", "--fit-thresholds"}) {
    const Arguments plain = {"--zero-shot", flag};
    expect_refused(
        eval(plain + Arguments{folder + "/none/a"}), 1,
        fmt::format("{}: {}/none/a cannot be written: No such file or directory. Name a file", flag, folder));
    expect_refused(eval(plain + Arguments{old + "/a"}), 1, "/old.json/a cannot be written: Not a directory");
    expect_refused(
        eval(plain + Arguments{folder}), 1,
        fmt::format("{}: expected a file to write, got '{}', which is a folder. Name a file.", flag, folder));
  }
  expect_refused(eval({"--zero-shot", "--json", old, "--save-scores", folder + "/none/a"}), 1,
                 "cannot be written");
  expect_refused(eval({"--zero-shot", "--json", old, "--save-scores", old}), 2,
                 "--json: expected another file than --save-scores");
  expect_refused(eval({"--zero-shot", "--json", old, "--fit-thresholds", old}), 2,
                 "--fit-thresholds: expected another file than --json, got " + old + " for both.");
  EXPECT_EQ(file_text(old), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST(Prepare, ChecksItsOutputFileFirst) {
  const std::string folder = scratch_folder("outputs");
  const auto result = run_command({program("prepare"), "label-emb", "--data-path", mini_nus_wide(),
                                   "--clip-path", clip_file("tiny"), "--output", folder});
  expect_refused(result, 1, "--output: expected a file to write, got '");
}

TEST(Template, IsRefusedIfLabelFeaturesAreReadFromAFile) {
  const Arguments other = {"--template", "a photo of a {}"};
  const std::string text = fmt::format(
      "--template: 'a photo of a {{}}' has no effect, as the label features are read from {}/label_emb.pt. "
      "Use the default template, or remove that file.",
      mini_nus_wide());
  expect_refused(eval(Arguments{"--zero-shot"} + other), 2, text);
  expect_refused(infer(other), 2, text);
  const auto given = infer(other + Arguments{"--label", "cat"});
  EXPECT_EQ(given.exit_code, 0) << given.error;
}

TEST(BpePath, RefusesAFolder) {
  const std::string folder = scratch_folder("bpe");
  const std::string text =
      fmt::format("--bpe-path: expected a file, got '{}', which is not a file. Check the path.", folder);
  expect_refused(eval({"--zero-shot", "--bpe-path", folder}), 1, text);
  expect_refused(infer({"--bpe-path", folder}), 1, text);
  expect_refused(run_command({program("prepare"), "label-emb", "--data-path", mini_nus_wide(), "--clip-path",
                              clip_file("tiny"), "--output", folder + "/a", "--bpe-path", folder}),
                 1, text);
}

/// Writes a file `name` that contains tensors with these names; returns its path.
std::string file_of(const std::vector<std::string>& names, const std::string& name) {
  weights::TensorMap tensors;
  for (const auto& tensor : names) tensors[tensor] = torch::ones({1});
  std::string path = scratch_folder("kinds") + "/" + name;
  if (fs::path(path).extension() == ".pth") {
    weights::save_pth(path, tensors);
  } else {
    weights::save_safetensors(path, tensors);
  }
  return path;
}

TEST(MixedUpFiles, AreReportedWithTheirKind) {
  const std::string clip = clip_file("tiny");
  const std::string stage2 = file_of({"module.token_embedding.weight", "module.ln_final.bias"}, "stage2.pth");
  const std::string state =
      file_of({"model.ln_post.bias", "optimizer.step.ln_post.bias"}, "step.safetensors");
  const std::string resnet = file_of({"visual.layer1.0.conv1.weight", "token_embedding.weight"}, "rn.pth");
  const auto got = [](const std::string& kind, const std::string& file, const std::string& advice) {
    return fmt::format("got {} in {}. {}", kind, file, advice);
  };
  const std::string is_clip = got("CLIP weights", clip, "The option --clip-path takes it.");
  const std::string is_stage1 =
      got("a stage-1 checkpoint", student_file(), "The option --ckpt-path takes it (infer: --img-ckpt).");
  const std::string is_stage2 =
      got("a stage-2 checkpoint", stage2, "The option --eval-ckpt takes it (infer: --txt-ckpt).");
  const std::string is_state = got("the state of a training run", state, "Only the option --resume takes it");
  const std::string is_resnet = got("a ResNet CLIP", resnet, "Only vision transformers are supported");
  const std::string wants_stage1 = "--ckpt-path: expected a stage-1 checkpoint, ";
  expect_refused(eval({"--ckpt-path", clip}), 1, wants_stage1 + is_clip);
  expect_refused(eval({"--ckpt-path", stage2}), 1, wants_stage1 + is_stage2);
  expect_refused(eval({"--ckpt-path", state}), 1, wants_stage1 + is_state);
  expect_refused(eval({"--ckpt-path", mini_nus_wide() + "/label_emb.pt"}), 1,
                 wants_stage1 + "got label features");
  const Arguments tuned = {"--ckpt-path", student_file(), "--eval-ckpt"};
  expect_refused(eval(tuned + Arguments{clip}), 1, "--eval-ckpt: expected a stage-2 checkpoint, " + is_clip);
  expect_refused(eval(tuned + Arguments{student_file()}), 1, is_stage1);
  expect_refused(infer({"--img-ckpt", stage2}), 1, "--img-ckpt: expected a stage-1 checkpoint, " + is_stage2);
  expect_refused(infer({"--txt-ckpt", state}), 1, "--txt-ckpt: expected a stage-2 checkpoint, " + is_state);
  const std::string wants_clip = "--clip-path: expected CLIP weights, ";
  expect_refused(eval({"--zero-shot", "--clip-path", student_file()}), 1, wants_clip + is_stage1);
  expect_refused(eval({"--zero-shot", "--clip-path", resnet}), 1, wants_clip + is_resnet);
  expect_refused(infer({"--clip-path", stage2}), 1, wants_clip + is_stage2);
  const std::string phrases = scratch_folder("phrases") + "/phrases.json";
  std::ofstream(phrases) << "{}";
  expect_refused(infer({"--txt-ckpt", stage2, "--phrases", phrases}), 2,
                 "--phrases: expected CLIP's own text encoder, got the stage-2 checkpoint " + stage2);
  expect_refused(infer({"--phrases", phrases}), 2, "--phrases: " + phrases + " has no effect, as the label");
}

/// Fixture with a copy of the miniature data set from which a test removes a file.
struct Incomplete : testing::Test {
  void expect_incomplete(const Arguments& command, const std::string& text) {
    expect_refused(run_command(command + Arguments{"--data-path", data, "--clip-path", clip_file("tiny")}), 1,
                   text);
  }
  void expect_training_refused(const std::string& text) {
    const std::string output = scratch_folder("incomplete") + "/run";
    expect_incomplete({program("train_stage1"), "--batch-size", "4", "--output", output}, text);
    EXPECT_FALSE(fs::exists(output));
  }
  void expect_eval_refused(const std::string& text) {
    expect_incomplete({program("eval"), "--zero-shot"}, text);
  }
  /// Replaces an image list with a list of two images; the second has no label vector.
  void list_unlabelled(const std::string& list, const std::string& photo) {
    fs::copy(data + "/Flickr/sea/" + photo, data + "/Flickr/sea/0001_9999.jpg");
    fs::remove(data + "/" + list + ".pkl");
    std::ofstream(data + "/" + list + ".txt") << "sea_" << photo << "\nsea_0001_9999.jpg\n";
  }
  void drop_last_line(const std::string& file) {
    auto lines = io::read_lines(data + "/" + file);
    lines.pop_back();
    std::ofstream(data + "/" + file) << join(lines, "\n");
  }
  std::string data = copied_nus_wide();
};

TEST_F(Incomplete, AMissingImageIsNamed) {
  fs::remove(data + "/Flickr/sea/0001_1.jpg");
  expect_training_refused("Flickr/sea/0001_1.jpg");
  fs::remove(data + "/Flickr/sea/0001_1001.jpg");
  expect_eval_refused("1 of 6 images is missing: Flickr/sea/0001_1001.jpg");
}

TEST_F(Incomplete, AMissingLabelFileIsNamed) {
  fs::remove(data + "/features/nus_wide_test.h5");
  expect_training_refused("features/nus_wide_test.h5 is missing");
  expect_eval_refused("features/nus_wide_test.h5 is missing");
}

TEST_F(Incomplete, AMissingLabelSetOfTrainingIsNamed) {
  list_unlabelled("img_names", "0001_1.jpg");
  expect_training_refused("features/nus_wide_train.h5 is missing: sea_0001_9999.jpg-labels");
}

TEST_F(Incomplete, AMissingLabelSetOfTestingIsNamed) {
  list_unlabelled("test_img_names", "0001_1001.jpg");
  const std::string text =
      "1 of 2 label sets in features/nus_wide_test.h5 is missing: sea_0001_9999.jpg-labels";
  expect_training_refused(text);
  expect_eval_refused(text);
  expect_eval_refused(text + "_81");
}

TEST_F(Incomplete, AMissingConceptIsNamed) {
  drop_last_line("Concepts81.txt");
  expect_training_refused("Concepts81.txt has 7");
  expect_eval_refused("Concepts81.txt has 7");
  expect_incomplete({program("infer"), "--image-path", golden("images/420.jpg")},
                    "label_emb.pt: expected (31 labels, ");
  drop_last_line("Concepts925.txt");
  expect_eval_refused("Concepts925.txt with Concepts81.txt has 30");
}

TEST(Eval, EndsOnASignalWithoutResults) {
  const std::string data = copied_nus_wide();
  fs::remove(data + "/test_img_names.pkl");
  {
    std::ofstream list(data + "/test_img_names.txt");
    for (int i = 0; i < 5000; ++i) list << "sea_0001_1001.jpg\n";
  }
  const std::string folder = scratch_folder("signal");
  const pid_t child =
      start_command(tiny("eval") + Arguments{"--zero-shot", "--data-path", data, "--workers", "1"}, folder);
  EXPECT_TRUE(wait_for_text(folder + "/stderr", "evaluating 5000 images", std::chrono::seconds(60)));
  kill(child, SIGTERM);
  const int status = wait_for_end(child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
  EXPECT_NE(file_text(folder + "/stderr").find("\neval: stopped by signal 15\n"), std::string::npos);
  EXPECT_EQ(file_text(folder + "/stdout"), "");
}

}  // namespace
}  // namespace mkt::test
