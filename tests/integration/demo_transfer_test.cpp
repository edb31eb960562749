// Trains stage 1 on a reduced demo data set from the CLIP in data/demo. Tests whether knowledge transfers to
// unseen labels, and whether the patches that contribute most to a label's score are on its object.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "data/nus_wide_layout.h"
#include "integration/world.h"
#include "mkt/codecs/decode.h"
#include "mkt/image/transforms.h"

namespace mkt::test {
namespace {

using nlohmann::json;

const std::string& folder() {
  static const std::string folder = scratch_folder("demo");
  return folder;
}

/// Path of the demo's CLIP, unpacked.
std::string clip() {
  return folder() + "/clip.safetensors";
}

void run(const Arguments& command) {
  const auto result = run_command(command);
  ASSERT_EQ(result.exit_code, 0) << result.error;
}

/// Runs a program with --json; returns the JSON that it writes.
json written(const Arguments& command, const std::string& name) {
  const std::string path = folder() + "/" + name;
  run(command + Arguments{"--json", path});
  return json::parse(file_text(path));
}

/// Returns the results of eval for the unseen labels.
json evaluation(const Arguments& what, const std::string& name) {
  const Arguments command = {program("eval"), "--data-path", folder() + "/data", "--clip-path", clip()};
  return written(command + Arguments{"--topk", "2", "--workers", "2"} + what, name)["zsl"];
}

/// Returns the results of prepare demo-pointing.
json pointing(const Arguments& what, const std::string& name) {
  const Arguments command = {program("prepare"),        "demo-pointing", "--data-path",
                             folder() + "/data/single", "--clip-path",   clip()};
  return written(command + what, name);
}

constexpr std::int64_t kSide = 64;      // side length of CLIP's input, in pixels
constexpr std::int64_t kPatch = 16;     // side length of a patch, in pixels
constexpr std::int64_t kViewStart = 4;  // offset of CLIP's input in the image, in pixels
constexpr double kColourShare = 0.6;    // opacity of the heat map's colours over the grey image

/// Returns the index of the patch with the highest value in a heat map file. `photo` is the image under the
/// heat map; the luma of the heat map's colours increases with the value.
std::int64_t brightest_patch(const std::string& heatmap, const std::string& photo) {
  const auto luma = [](const torch::Tensor& image) {
    return torch::mv(image.to(torch::kFloat32).view({-1, 3}), torch::tensor({0.299F, 0.587F, 0.114F}))
        .view({kSide, kSide});
  };
  const torch::Tensor seen =
      image::evaluation_transform(image::decode_file(photo), kSide, image::Preprocessing{});
  const torch::Tensor colours =
      luma(image::decode_file(heatmap)) - luma(seen.contiguous()) * (1 - kColourShare);
  const torch::Tensor middles = colours.view({kSide / kPatch, kPatch, kSide / kPatch, kPatch})
                                    .slice(1, kPatch / 2 - 1, kPatch / 2 + 1)
                                    .slice(3, kPatch / 2 - 1, kPatch / 2 + 1);
  return middles.mean({1, 3}).flatten().argmax().item<std::int64_t>();
}

/// Returns the only object in an image: its shape, and the patch that contains its centre.
std::pair<std::string, std::int64_t> object_of(const json& truth) {
  const json& object = truth["objects"][0];
  const auto box = object["box"].get<std::array<double, 4>>();
  const auto patch_along = [&](std::size_t axis) {
    const double middle = (box.at(axis) + box.at(axis + 2)) / 2;
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(middle - kViewStart) / kPatch, 0,
                                    kSide / kPatch - 1);
  };
  return {object["shape"], patch_along(1) * (kSide / kPatch) + patch_along(0)};
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

TEST_F(Demo, Stage1RecognisesUnseenLabelsBetterThanPlainClip) {
  const double tuned = evaluation({"--ckpt-path", stage1()}, "stage1.json")["map"];
  const double mkt = evaluation({"--zero-shot", "--score", "mkt"}, "mkt.json")["map"];
  const double global = evaluation({"--zero-shot", "--score", "global"}, "global.json")["map"];
  EXPECT_GT(tuned, std::max(mkt, global) + 0.02);
  EXPECT_GT(std::min(mkt, global), 0.08);  // random scores reach 0.04
}

TEST_F(Demo, TheBestPatchLiesOnTheObjectMoreOftenThanWithPlainClip) {
  const json after = pointing({"--ckpt-path", stage1()}, "pointing.json");
  EXPECT_EQ(after["pictures"], 300);
  EXPECT_GE(after["hits"].get<double>(), 0.7);
  EXPECT_GT(after["hits"].get<double>(), pointing({}, "pointing_clip.json")["hits"].get<double>());
}

TEST_F(Demo, HeatMapsOfInferAreBrightestOnTheObject) {
  std::ifstream lines(folder() + "/data/single/truth_test.jsonl");
  std::map<std::string, std::vector<std::pair<std::string, std::int64_t>>> objects;  // shape → (image, patch)
  std::int64_t images = 0;
  for (std::string line; images < 100 && std::getline(lines, line); ++images) {
    const json truth = json::parse(line);
    const auto [shape, patch] = object_of(truth);
    objects[shape].emplace_back(folder() + "/data/single/" + data::nus_wide_image_path(truth["name"]), patch);
  }
  std::int64_t hits = 0;
  for (const auto& [shape, found] : objects) {
    const std::string maps = folder() + "/maps/" + shape;
    Arguments command = {
        program("infer"), "--clip-path", clip(),    "--img-ckpt", stage1(),    "--topk", "2",
        "--heatmap",      maps,          "--label", shape,        "--workers", "2",      "--image-path"};
    for (const auto& [photo, patch] : found) command.push_back(photo);
    run(command);
    const auto files = files_in(maps);  // in image order, because file names begin with image numbers
    ASSERT_EQ(files.size(), found.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      hits += brightest_patch(files[i], found[i].first) == found[i].second ? 1 : 0;
    }
  }
  RecordProperty("hits", static_cast<int>(hits));
  EXPECT_GE(hits, 70) << "of " << images;
}

}  // namespace
}  // namespace mkt::test
