#include "demo/pointing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/text.h"
#include "data/nus_wide.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "io/numbered_lines.h"
#include "labels/labels.h"
#include "mkt/data/loader.h"
#include "mkt/image/transforms.h"
#include "mkt/model/prompts.h"
#include "mkt/model/student.h"
#include "world/world.h"

namespace mkt::demo {
namespace {

using nlohmann::json;

/// The only object in an image: its shape and position.
struct Target {
  std::string shape;
  double x = 0;  ///< centre of the object, in image pixels
  double y = 0;
};

std::vector<Target> read_targets(const std::string& path) {
  std::vector<Target> targets;
  for (const std::string& line : io::read_lines(path)) {
    const json truth = json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool single = truth.is_object() && truth.contains("objects") && truth["objects"].size() == 1;
    TORCH_CHECK(single, path, ": expected images of one object, got ", line.substr(0, 60),
                "… Give the single/ folder of `prepare demo`.");
    const json& object = truth["objects"][0];
    const auto box = object.at("box").get<std::vector<double>>();
    targets.push_back({object.at("shape"), (box.at(0) + box.at(2)) / 2, (box.at(1) + box.at(3)) / 2});
  }
  return targets;
}

/// Returns the shapes of the first world that has all shapes of `targets`.
std::vector<std::string> shapes_of(const std::vector<Target>& targets, const std::string& path) {
  for (const auto& [kind, name] : Names<WorldKind>::kTable) {
    std::vector<std::string> shapes;
    for (const ShapeKind& shape : world(kind).shapes) shapes.emplace_back(shape.name);
    const auto known = [&](const Target& target) {
      return std::find(shapes.begin(), shapes.end(), target.shape) != shapes.end();
    };
    if (std::all_of(targets.begin(), targets.end(), known)) return shapes;
  }
  TORCH_CHECK(false, path, ": expected shapes of one of the demo's worlds (",
              join(enum_names<WorldKind>(), ", "), "), got others. Draw the data set again.");
}

/// Returns the index of the patch that contains the target's centre.
std::int64_t patch_at(const Target& target, std::int64_t patch, std::int64_t grid) {
  const auto line = [&](double at) {
    const auto index = static_cast<std::int64_t>(std::floor((at - kViewStart) / static_cast<double>(patch)));
    return std::clamp<std::int64_t>(index, 0, grid - 1);
  };
  return line(target.y) * grid + line(target.x);
}

/// Counts images and hits of the pointing game.
struct Tally {
  std::int64_t images = 0;
  std::int64_t hits = 0;

  void add(bool hit) {
    ++images;
    hits += hit ? 1 : 0;
  }
  nlohmann::ordered_json to_json() const {
    const double share = images == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(images);
    return {{"pictures", images}, {"hits", share}};
  }
};

/// Encodes labels with CLIP's own text encoder → (labels, D).
torch::Tensor encode(const clip::Weights& clip, const PointingOptions& options,
                     const std::vector<std::string>& labels, const session::Runtime& runtime) {
  labels::LabelInputs inputs;
  inputs.clip_path = options.clip_path;
  inputs.merges = options.bpe_path;
  inputs.prompt_template = model::kDefaultTemplate;
  return labels::LabelEncoder(clip, inputs, runtime).encode(labels);
}

/// Runs the pointing game with one model.
class PointingGame {
 public:
  PointingGame(const PointingOptions& options, std::vector<std::string> shapes,
               const session::Runtime& runtime)
      : runtime_(runtime),
        clip_(artifact::load_clip(options.clip_path, 0, {})),
        shapes_(std::move(shapes)),
        encoder_(artifact::load_image_encoder(clip_, options.ckpt_path, runtime, options.patches)),
        features_(encode(clip_, options, shapes_, runtime)) {}

  nlohmann::ordered_json play(const data::Dataset& set, const std::vector<Target>& targets) const {
    data::LoaderOptions loading;
    loading.image_size = encoder_.options().resolution();
    loading.preprocessing = kDemoPreprocessing;
    loading.workers = 0;
    data::DataLoader loader(set.paths, torch::Tensor(), loading);
    loader.start(0);
    Tally all;
    Tally unseen;
    while (const auto batch = loader.next()) {
      std::vector<Target> batch_targets;
      for (const std::int64_t i : batch->indices)
        batch_targets.push_back(targets[static_cast<std::size_t>(i)]);
      const std::vector<bool> hits = hits_of(batch->images, batch_targets);
      for (std::size_t b = 0; b < hits.size(); ++b) {
        all.add(hits[b]);
        const std::string& shape = batch_targets[b].shape;
        if (std::find(set.unseen.begin(), set.unseen.end(), shape) != set.unseen.end()) unseen.add(hits[b]);
      }
    }
    nlohmann::ordered_json result = all.to_json();
    result["unseen"] = unseen.to_json();
    return result;
  }

 private:
  /// Returns per image, (B, 3, S, S) uint8, whether the highest-scoring patch contains the target's centre.
  std::vector<bool> hits_of(const torch::Tensor& images, const std::vector<Target>& targets) const {
    std::vector<std::int64_t> rows;
    rows.reserve(targets.size());
    for (const Target& target : targets)
      rows.push_back(std::find(shapes_.begin(), shapes_.end(), target.shape) - shapes_.begin());
    const auto tokens = encoder_.forward(image::normalize(images, kDemoPreprocessing, runtime_.device));
    const torch::Tensor labels =
        features_.index_select(0, torch::tensor(rows, torch::kInt64).to(runtime_.device));
    const torch::Tensor found = brightest_patches(model::image_features(tokens).patches, labels).cpu();
    std::vector<bool> hits;
    for (std::size_t b = 0; b < targets.size(); ++b) {
      hits.push_back(found[static_cast<std::int64_t>(b)].item<std::int64_t>() ==
                     patch_at(targets[b], encoder_.options().patch, encoder_.options().grid));
    }
    return hits;
  }

  session::Runtime runtime_;
  clip::Weights clip_;
  std::vector<std::string> shapes_;
  clip::FrozenVisionEncoder encoder_;
  torch::Tensor features_;  // label features, (C, D)
};

}  // namespace

torch::Tensor brightest_patches(const torch::Tensor& patches, const torch::Tensor& labels) {
  return at::bmm(patches, labels.unsqueeze(2)).squeeze(2).argmax(1);
}

nlohmann::ordered_json measure_pointing(const PointingOptions& options) {
  artifact::require_kind("clip-path", options.clip_path, artifact::FileKind::kClip);
  artifact::require_kind("ckpt-path", options.ckpt_path, artifact::FileKind::kStage1);
  io::require_writable("json", options.json);
  const torch::NoGradGuard no_grad;
  const session::Runtime runtime = session::make_runtime(options.compute);
  const std::string truth = options.data_path + "/truth_test.jsonl";
  const auto targets = read_targets(truth);
  const data::Dataset set = data::load_nus_wide(options.data_path, data::Split::kTest);
  TORCH_CHECK(targets.size() == set.paths.size(), options.data_path, "/truth_test.jsonl: expected ",
              set.paths.size(), " images as in the image list, got ", targets.size(),
              ". Draw the data set again.");
  nlohmann::ordered_json result =
      PointingGame(options, shapes_of(targets, truth), runtime).play(set, targets);
  if (!options.json.empty()) io::write_json(options.json, result);
  return result;
}

}  // namespace mkt::demo
