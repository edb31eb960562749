// Tests that our checkpoints load in the original Python code and its checkpoints load in our programs.

#include <gtest/gtest.h>

#include "integration/world.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::test {
namespace {

struct Interchange : testing::TestWithParam<std::string> {
  static bool has_torch() { return run_command({MKT_TEST_PYTHON, "-c", "import torch"}).exit_code == 0; }

  /// Evaluates a checkpoint of the stage under test; returns the JSON text.
  std::string evaluation(const std::string& checkpoint) const {
    const std::string file = scratch_folder("eval") + "/result.json";
    const bool first = GetParam() == "stage1";
    Arguments command = tiny("eval") + Arguments{"--json", file};
    command = command + (first ? Arguments{"--ckpt-path", checkpoint}
                               : Arguments{"--ckpt-path", tiny_checkpoint(), "--eval-ckpt", checkpoint});
    const auto result = run_command(command);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return file_text(file);
  }
};

TEST_P(Interchange, OurCheckpointLoadsInTheOriginalAndItsCopyGivesTheSameResults) {
  if (!has_torch())
    GTEST_SKIP() << "no torch in Python '" << MKT_TEST_PYTHON << "' (CMake's MKT_TEST_PYTHON)";
  const std::string output = scratch_folder("interchange") + "/run";
  const auto trained =
      run_command(tiny_run("train_" + GetParam(), output, {"--batch-size", "4", "--eval-every", "0"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const std::string ours = trained.output.substr(0, trained.output.find('\n'));
  const std::string theirs = output + "/theirs.pth";
  const auto converted = run_command({MKT_TEST_PYTHON, MKT_TEST_ORIGINAL_MODULES, GetParam(), ours, theirs});
  ASSERT_EQ(converted.exit_code, 0) << converted.error;
  EXPECT_NE(file_text(theirs), file_text(ours)) << "expected PyTorch to write an ordered dict";
  const auto expected = weights::load_tensors(ours);
  const auto back = weights::load_tensors(theirs);
  ASSERT_EQ(back.size(), expected.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(back.at(name).equal(tensor)) << name;
  EXPECT_EQ(evaluation(theirs), evaluation(ours));
}

INSTANTIATE_TEST_SUITE_P(BothStages, Interchange, testing::Values("stage1", "stage2"),
                         [](const auto& stage) { return stage.param; });

}  // namespace
}  // namespace mkt::test
