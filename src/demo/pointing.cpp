#include "demo/pointing.h"

#include <algorithm>
#include <cmath>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/text.h"
#include "demo/world.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "io/numbered_lines.h"
#include "labels/labels.h"
#include "mkt/data/loader.h"
#include "mkt/data/nus_wide.h"
#include "mkt/image/transforms.h"
#include "mkt/model/student.h"

namespace mkt::demo {
namespace {

using nlohmann::json;

/// What is to be found in a picture, and where.
struct Target {
  std::string shape;
  double x = 0;  ///< the middle, in pixels of the picture
  double y = 0;
};

std::vector<Target> read_targets(const std::string& path) {
  std::vector<Target> targets;
  for (const std::string& line : io::read_lines(path)) {
    const json truth = json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool single = truth.is_object() && truth.contains("objects") && truth["objects"].size() == 1;
    TORCH_CHECK(single, path, ": expected pictures of one object, got ", line.substr(0, 60),
                "… Give the single/ folder of `prepare demo`.");
    const json& object = truth["objects"][0];
    const auto box = object.at("box").get<std::vector<double>>();
    targets.push_back({object.at("shape"), (box.at(0) + box.at(2)) / 2, (box.at(1) + box.at(3)) / 2});
  }
  return targets;
}

std::int64_t patch_at(const Target& target, std::int64_t patch, std::int64_t grid) {
  const auto line = [&](double at) {
    const auto index = static_cast<std::int64_t>(std::floor((at - kViewStart) / static_cast<double>(patch)));
    return std::clamp<std::int64_t>(index, 0, grid - 1);
  };
  return line(target.y) * grid + line(target.x);
}

/// Pictures and hits.
struct Tally {
  std::int64_t pictures = 0;
  std::int64_t hits = 0;

  void add(bool hit) {
    ++pictures;
    hits += hit ? 1 : 0;
  }
  nlohmann::ordered_json to_json() const {
    const double share = pictures == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(pictures);
    return {{"pictures", pictures}, {"hits", share}};
  }
};

}  // namespace

torch::Tensor brightest_patches(const torch::Tensor& patches, const torch::Tensor& labels) {
  return at::bmm(patches, labels.unsqueeze(2)).squeeze(2).argmax(1);
}

nlohmann::ordered_json measure_pointing(const PointingOptions& options) {
  artifact::require_checkpoint("clip-path", options.clip.clip_path, artifact::CheckpointKind::kClip);
  artifact::require_checkpoint("ckpt-path", options.ckpt_path, artifact::CheckpointKind::kStage1);
  io::require_writable("json", options.json);
  const torch::NoGradGuard no_grad;
  const session::Runtime runtime = session::make_runtime(options.compute);
  const auto targets = read_targets(options.data_path + "/truth_test.jsonl");
  const data::Dataset set = data::load_nus_wide(options.data_path, data::Split::kTest);
  TORCH_CHECK(targets.size() == set.paths.size(), options.data_path, "/truth_test.jsonl: expected ",
              set.paths.size(), " pictures as in the image list, got ", targets.size(),
              ". Draw the data set anew.");
  const clip::TensorMap clip = artifact::load_clip(options.clip);
  const auto encoder = artifact::load_image_encoder(clip, options.clip, options.ckpt_path, runtime);
  const std::vector<std::string> shapes(kShapes.begin(), kShapes.end());
  const torch::Tensor features =
      labels::LabelEncoder(clip, options.clip, "", runtime).encode(shapes);  // (C, D)
  data::LoaderOptions loading;
  loading.image_size = encoder.options().resolution();
  loading.workers = 0;
  data::DataLoader loader(set.paths, torch::Tensor(), loading);
  loader.start(0);
  Tally all;
  Tally unseen;
  while (const auto batch = loader.next()) {
    const auto tokens = encoder.forward(image::normalize(batch->images, runtime.device));
    std::vector<std::int64_t> rows;
    for (const std::int64_t i : batch->indices) {
      rows.push_back(std::find(shapes.begin(), shapes.end(), targets[static_cast<std::size_t>(i)].shape) -
                     shapes.begin());
    }
    const torch::Tensor labels =
        features.index_select(0, torch::tensor(rows, torch::kInt64).to(runtime.device));
    const torch::Tensor found = brightest_patches(model::image_features(tokens).patches, labels).cpu();
    for (std::size_t b = 0; b < rows.size(); ++b) {
      const Target& target = targets[static_cast<std::size_t>(batch->indices[b])];
      const bool hit = found[static_cast<std::int64_t>(b)].item<std::int64_t>() ==
                       patch_at(target, encoder.options().patch, encoder.options().grid);
      all.add(hit);
      if (std::find(set.unseen.begin(), set.unseen.end(), target.shape) != set.unseen.end()) unseen.add(hit);
    }
  }
  nlohmann::ordered_json result = all.to_json();
  result["unseen"] = unseen.to_json();
  if (!options.json.empty()) {
    io::write_atomically(options.json, [&](std::ostream& out) { out << result.dump(1) << "\n"; });
  }
  return result;
}

}  // namespace mkt::demo
