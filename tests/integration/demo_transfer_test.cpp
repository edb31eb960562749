// The demo's stage 1 from its shipped CLIP, tested on fewer pictures. Does knowledge transfer, and do patches
// point at what they speak for?

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/command.h"

namespace mkt::test {
namespace {

using nlohmann::json;
using Arguments = std::vector<std::string>;

const std::string& folder() {
  static const std::string folder = scratch_folder("demo");
  return folder;
}

std::string clip() {
  return folder() + "/clip.safetensors";
}

void run(Arguments command) {
  const auto result = run_command(command);
  ASSERT_EQ(result.exit_code, 0) << result.error;
}

/// What a program writes behind --json.
json written(Arguments command, const std::string& name) {
  const std::string path = folder() + "/" + name;
  command.insert(command.end(), {"--json", path});
  run(command);
  return json::parse(file_text(path));
}

json evaluation(const Arguments& what, const std::string& name) {
  Arguments command = {program("eval"),
                       "--data-path",
                       folder() + "/data",
                       "--clip-path",
                       clip(),
                       "--topk",
                       "2",
                       "--workers",
                       "2"};
  command.insert(command.end(), what.begin(), what.end());
  return written(command, name)["zsl"];
}

json pointing(const Arguments& what, const std::string& name) {
  Arguments command = {program("prepare"),        "demo-pointing", "--data-path",
                       folder() + "/data/single", "--clip-path",   clip()};
  command.insert(command.end(), what.begin(), what.end());
  return written(command, name);
}

class Demo : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    run({"/bin/sh", "-c", "gunzip -c '" MKT_DEMO_CLIP "' > '" + clip() + "'"});
    run({program("prepare"), "demo", "--output", folder() + "/data", "--test", "1000", "--val", "0",
         "--single", "300"});
    run({program("train_stage1"), "--config", MKT_DEMO_CONFIG, "--data-path", folder() + "/data",
         "--clip-path", clip(), "--topk", "2", "--workers", "2", "--output", folder() + "/stage1"});
  }
  static std::string stage1() { return folder() + "/stage1/model_epoch_7.pth"; }
};

TEST_F(Demo, UnseenLabelsAreRecognisedBetterThanByEitherZeroShotScore) {
  const double tuned = evaluation({"--ckpt-path", stage1()}, "stage1.json")["map"];
  const double mkt = evaluation({"--zero-shot", "--score", "mkt"}, "mkt.json")["map"];
  const double global = evaluation({"--zero-shot", "--score", "global"}, "global.json")["map"];
  EXPECT_GT(tuned, std::max(mkt, global) + 0.02);
  EXPECT_GT(std::min(mkt, global), 0.08);  // chance is 0.04
}

TEST_F(Demo, TheBrightestPatchLiesOnTheObject) {
  const json after = pointing({"--ckpt-path", stage1()}, "pointing.json");
  EXPECT_EQ(after["pictures"], 300);
  EXPECT_GE(after["hits"].get<double>(), 0.7);
  EXPECT_GT(after["hits"].get<double>(), pointing({}, "pointing_clip.json")["hits"].get<double>());
}

}  // namespace
}  // namespace mkt::test
