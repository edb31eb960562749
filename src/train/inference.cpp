#include "mkt/train/inference.h"

#include <algorithm>
#include <filesystem>
#include <istream>

#include "mkt/core/log.h"
#include "mkt/core/progress.h"
#include "mkt/core/text.h"
#include "mkt/data/data_set.h"
#include "mkt/data/loader.h"
#include "mkt/data/transforms.h"
#include "mkt/io/image_names.h"
#include "mkt/train/checkpoint_kind.h"
#include "mkt/train/encoders.h"
#include "mkt/train/evidence.h"
#include "mkt/train/label_list.h"
#include "mkt/train/labels.h"
#include "mkt/train/thresholds.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pictures_in(const std::string& folder) {
  std::vector<std::string> found;
  std::int64_t others = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    if (io::is_picture_name(entry.path().string())) {
      found.push_back(entry.path().string());
    } else {
      ++others;
    }
  }
  if (others > 0) log::info(cat(folder, ": ", others, " files that are no .jpg, .jpeg or .png passed over"));
  TORCH_CHECK(!found.empty(), "--image-path: the folder ", folder,
              " holds no pictures (.jpg, .jpeg, .png). Name another.");
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> listed_pictures(std::istream& list) {
  std::vector<std::string> paths;
  std::string line;
  while (std::getline(list, line)) {
    if (!trim(line).empty()) paths.push_back(trim(line));
  }
  TORCH_CHECK(!paths.empty(), "--image-path -: expected paths on standard input, one a line, got none.");
  return paths;
}

/// The labels to choose among: given ones, or the data set's.
std::vector<std::string> choose_labels(const InferOptions& options) {
  std::vector<std::string> labels = options.label;
  if (!options.labels.empty()) {
    const auto lines = read_lines(options.labels);
    TORCH_CHECK(!lines.empty(), "--labels: ", options.labels, " holds no label. Write one a line.");
    for (const std::string& problem : label_list_problems(options.labels)) log::warning(problem);
    labels.insert(labels.end(), lines.begin(), lines.end());
  }
  if (labels.empty()) {
    TORCH_CHECK_VALUE(!options.data.data_path.empty(),
                      "labels: none given. Use --label, --labels, or --data-path for a data set's own.");
    return data::load_data_set_labels(options.data.data_path);
  }
  for (const std::string& label : labels) {
    TORCH_CHECK_VALUE(!trim(label).empty(), "--label: expected a text, got an empty one.");
  }
  if (!options.data.data_path.empty())
    log::warning("--data-path: its labels are left out, as others are given");
  return labels;
}

void check_options(const InferOptions& options) {
  TORCH_CHECK_VALUE(options.thresholds.empty() || options.min_score == InferOptions().min_score,
                    "--min-score: expected no other limit than --thresholds, got ", options.min_score,
                    ". Drop one.");
  require_checkpoint("clip-path", options.clip.clip_path, CheckpointKind::kClip);
  require_checkpoint("img-ckpt", options.img_ckpt, CheckpointKind::kStage1);
  require_checkpoint("txt-ckpt", options.txt_ckpt, CheckpointKind::kStage2);
  require_file("bpe-path", options.clip.bpe_path);
  require_file("phrases", options.clip.phrases);
  require_file("labels", options.labels);
  require_writable_folder("heatmap", options.heatmap);
  require_writable_folder("annotate", options.annotate);
  require_file("thresholds", options.thresholds);
}

torch::Tensor encode_labels(const InferOptions& options, const std::vector<std::string>& labels,
                            const clip::TensorMap& clip, const Runtime& runtime) {
  const bool own_labels = !options.label.empty() || !options.labels.empty();
  if (own_labels) return encode_labels({labels, options.clip, options.txt_ckpt}, clip, runtime);
  return load_label_features(options.data.data_path, labels, clip, options.clip, options.txt_ckpt, runtime);
}

/// The score from which on each label is given, (C) float64.
torch::Tensor choose_limits(const InferOptions& options, const std::vector<std::string>& labels) {
  if (!options.thresholds.empty()) return load_thresholds(options, labels);
  return torch::full({static_cast<std::int64_t>(labels.size())}, options.min_score, torch::kFloat64);
}

/// Those of the `most` best labels whose scores reach their limits.
TaggedImage best_labels(const std::string& image, const torch::Tensor& label_scores,
                        const torch::Tensor& limits, const std::vector<std::string>& labels,
                        std::int64_t most) {
  const torch::Tensor scores = label_scores.to(torch::kFloat64).cpu();  // (C)
  const auto [values, order] = scores.topk(std::min<std::int64_t>(most, scores.size(0)));
  TaggedImage tagged{image, {}};
  for (std::int64_t i = 0; i < order.size(0); ++i) {
    const auto label = order[i].item<std::int64_t>();
    const double score = values[i].item<double>();
    if (score >= limits[label].item<double>())
      tagged.labels.push_back({labels[static_cast<std::size_t>(label)], score});
  }
  return tagged;
}

}  // namespace

std::vector<std::string> find_pictures(const std::vector<std::string>& arguments, std::istream& list) {
  std::vector<std::string> paths;
  for (const std::string& argument : arguments) {
    std::vector<std::string> found = {argument};
    if (argument == "-") {
      found = listed_pictures(list);
    } else if (fs::is_directory(argument)) {
      found = pictures_in(argument);
    }
    paths.insert(paths.end(), found.begin(), found.end());
  }
  for (const std::string& path : paths) {
    TORCH_CHECK(fs::exists(path), "--image-path: ", path, " does not exist. Check the path.");
  }
  return paths;
}

std::int64_t tag_images(const InferOptions& options, std::istream& list,
                        const std::function<void(const TaggedImage&)>& emit) {
  torch::NoGradGuard no_grad;
  check_options(options);
  const std::vector<std::string> pictures = find_pictures(options.image_path, list);
  const std::vector<std::string> labels = choose_labels(options);
  const torch::Tensor limits = choose_limits(options, labels);
  const auto all = static_cast<std::int64_t>(labels.size());
  const std::int64_t most = options.thresholds.empty() ? options.top : all;
  const Runtime runtime = make_runtime(options.compute);
  const clip::TensorMap clip = load_clip(options.clip);
  const torch::Tensor label_features = encode_labels(options, labels, clip, runtime);  // (C, D)
  const auto encoder = load_image_encoder(clip, options.clip, options.img_ckpt, runtime);
  const model::ScoreKind kind = choose_score(options.score, !options.img_ckpt.empty());
  data::DataLoader loader(
      pictures, torch::Tensor(),
      evaluation_loader(options.data, options.batch_size, encoder.options().resolution(), runtime));
  EvidenceWriter evidence(options, labels, label_features);
  Progress progress("tagging", loader.images(), "pictures");
  std::int64_t done = 0;
  loader.start(0);
  while (const auto batch = loader.next()) {
    if (batch->images.size(0) == 0) continue;
    const torch::Tensor images = data::normalize(batch->images, runtime.device);  // (B, 3, H, H)
    const auto features = model::image_features(encoder.forward(images));
    const auto branches = model::branch_scores(features, label_features, options.clip.topk);
    const torch::Tensor scores = model::combine(branches, kind);  // (B, C)
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      const std::string& picture = pictures[static_cast<std::size_t>(batch->indices[i])];
      const auto row = static_cast<std::int64_t>(i);
      const TaggedImage tagged = best_labels(picture, scores[row], limits, labels, most);
      evidence.write(tagged, batch->indices[i], batch->images[row], features.patches[row]);
      progress.clear();
      emit(tagged);
    }
    progress.update(done += batch->images.size(0));
  }
  if (loader.bad_images() > 0) log::warning(cat(loader.bad_images(), " pictures could not be read"));
  return loader.bad_images();
}

}  // namespace mkt::train
