// The demo's stage 1 from its shipped CLIP, tested on fewer pictures. Does knowledge transfer, and do patches
// point at what they speak for?

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "data/nus_wide.h"
#include "mkt/image/decode.h"
#include "mkt/image/transforms.h"
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

constexpr std::int64_t kSide = 64;       // pixels that the demo's CLIP sees
constexpr std::int64_t kPatch = 16;      // of them
constexpr std::int64_t kViewStart = 4;   // where they begin in the picture
constexpr double kShareOfColours = 0.6;  // in a heat map, over the picture in grey

/// The patch where a heat map is brightest. The colours' luma grows with what they stand for.
std::int64_t brightest_patch(const std::string& heatmap, const std::string& picture) {
  const auto luma = [](const torch::Tensor& image) {
    return torch::mv(image.to(torch::kFloat32).view({-1, 3}), torch::tensor({0.299F, 0.587F, 0.114F}))
        .view({kSide, kSide});
  };
  const torch::Tensor seen = image::evaluation_transform(image::decode_file(picture), kSide);
  const torch::Tensor colours =
      luma(image::decode_file(heatmap)) - luma(seen.contiguous()) * (1 - kShareOfColours);
  const torch::Tensor middles = colours.view({kSide / kPatch, kPatch, kSide / kPatch, kPatch})
                                    .slice(1, kPatch / 2 - 1, kPatch / 2 + 1)
                                    .slice(3, kPatch / 2 - 1, kPatch / 2 + 1);
  return middles.mean({1, 3}).flatten().argmax().item<std::int64_t>();
}

/// The one object of a picture: its shape, and the patch that its middle lies in.
std::pair<std::string, std::int64_t> object_of(const json& truth) {
  const json& object = truth["objects"][0];
  const auto box = object["box"].get<std::array<double, 4>>();
  const auto line = [&](int axis) {
    const double middle = (box[static_cast<std::size_t>(axis)] + box[static_cast<std::size_t>(axis + 2)]) / 2;
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(middle - kViewStart) / kPatch, 0,
                                    kSide / kPatch - 1);
  };
  return {object["shape"], line(1) * (kSide / kPatch) + line(0)};
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

TEST_F(Demo, TheHeatMapOfInferIsBrightestOnTheObject) {
  std::ifstream lines(folder() + "/data/single/truth_test.jsonl");
  std::map<std::string, std::vector<std::pair<std::string, std::int64_t>>>
      objects;  // by shape: picture, patch
  std::int64_t pictures = 0;
  for (std::string line; pictures < 100 && std::getline(lines, line); ++pictures) {
    const json truth = json::parse(line);
    const auto [shape, patch] = object_of(truth);
    objects[shape].emplace_back(folder() + "/data/single/Flickr/" + data::nus_wide_image_path(truth["name"]),
                                patch);
  }
  std::int64_t hits = 0;
  for (const auto& [shape, found] : objects) {
    const std::string maps = folder() + "/maps/" + shape;
    Arguments command = {
        program("infer"), "--clip-path", clip(),    "--img-ckpt", stage1(),    "--topk", "2",
        "--heatmap",      maps,          "--label", shape,        "--workers", "2",      "--image-path"};
    for (const auto& [picture, patch] : found) command.push_back(picture);
    run(command);
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(maps)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());  // they begin with the picture's place
    ASSERT_EQ(files.size(), found.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      hits += brightest_patch(files[i], found[i].first) == found[i].second ? 1 : 0;
    }
  }
  RecordProperty("hits", static_cast<int>(hits));
  EXPECT_GE(hits, 70) << "of " << pictures;
}

}  // namespace
}  // namespace mkt::test
