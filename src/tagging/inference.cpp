#include "tagging/inference.h"

#include <algorithm>
#include <filesystem>
#include <istream>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/log.h"
#include "core/progress.h"
#include "io/file_checks.h"
#include "io/numbered_lines.h"
#include "lists/image_names.h"
#include "mkt/data/loader.h"
#include "mkt/image/transforms.h"
#include "scoring/loading.h"
#include "tagging/evidence.h"
#include "tagging/tagger.h"

namespace mkt::tagging {
namespace {

namespace fs = std::filesystem;

/// Finds the image files in a folder and its subfolders, sorted.
std::vector<std::string> images_in(const std::string& folder) {
  std::vector<std::string> found;
  std::int64_t others = 0;
  for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
    if (data::skips_hidden(entry) || !entry->is_regular_file()) continue;
    if (data::is_image_name(entry->path().string())) {
      found.push_back(entry->path().string());
    } else {
      ++others;
    }
  }
  if (others > 0)
    log::info("{}: skipped {} {} ({})", folder, others,
              others == 1 ? "file that is not an image" : "files that are not images", data::kImageEndings);
  TORCH_CHECK(!found.empty(), "image-path: expected images (", data::kImageEndings, ") in the folder ",
              folder, ", got none. Name another folder.");
  std::sort(found.begin(), found.end());
  return found;
}

/// Reads paths from `list`, one per line.
std::vector<std::string> listed_images(std::istream& list) {
  std::vector<std::string> paths;
  io::NumberedLines lines(list, "standard input", io::kFileNames);
  while (lines.next()) paths.emplace_back(lines.text());
  TORCH_CHECK(
      !paths.empty(),
      "image-path: expected paths on standard input, one per line, got none. Pass some, or name files.");
  return paths;
}

/// Checks the files and folders in the options before any file is loaded.
void check_options(const InferOptions& options) {
  if (!options.tagger.thresholds.empty())
    refuse_limits(options, "the thresholds of " + options.tagger.thresholds);
  check_tagger_files(options.tagger);
  artifact::require_kind("model", options.model, artifact::FileKind::kExportedModel);
  io::require_writable_folder("heatmap", options.heatmap);
  io::require_writable_folder("annotate", options.annotate);
}

/// Rule for selecting an image's labels.
struct Selection {
  torch::Tensor limits;                             // (C) float64, minimum score per label
  std::int64_t most;                                // maximum number of labels per image
  std::optional<metrics::Calibration> calibration;  // of scores
};

/// Throws ValueError for a minimum outside the range of the scores.
void check_minimum(const InferOptions& options, const Tagger& tagger) {
  const model::ScoreKind kind = tagger.score.kind;
  if (!options.min_score_given || kind == model::ScoreKind::kStandard || tagger.seen_penalty != 0) return;
  TORCH_CHECK_VALUE(-1 <= options.min_score && options.min_score <= 1,
                    "min-score: expected -1 to 1 for the score ", enum_name(kind), ", got ",
                    options.min_score, ".");
}

Selection choose_selection(const InferOptions& options, const Tagger& tagger) {
  const auto labels = static_cast<std::int64_t>(tagger.labels.size());
  const auto& [thresholds, calibration] = tagger.thresholds;
  if (thresholds.defined()) return {thresholds, labels, calibration};
  check_minimum(options, tagger);
  return {torch::full({labels}, options.min_score, torch::kFloat64), options.top, std::nullopt};
}

/// Selects an image's labels by their scores label_scores (C), best first.
TaggedImage best_labels(const std::string& image, const torch::Tensor& label_scores,
                        const std::vector<std::string>& labels, const Selection& selection) {
  const torch::Tensor scores = label_scores.to(torch::kFloat64).cpu();  // (C)
  const auto [values, order] = scores.topk(std::min<std::int64_t>(selection.most, scores.size(0)));
  TaggedImage tagged{image, {}};
  for (std::int64_t i = 0; i < order.size(0); ++i) {
    const auto label = order[i].item<std::int64_t>();
    const double score = values[i].item<double>();
    if (score < selection.limits[label].item<double>()) continue;
    tagged.labels.push_back({labels[static_cast<std::size_t>(label)], score});
    if (selection.calibration) tagged.labels.back().probability = selection.calibration->probability(score);
  }
  return tagged;
}

using Emit = std::function<void(const TaggedImage&)>;

/// Tags a batch of images; batch.indices refer to `paths`.
void tag_batch(const data::Batch& batch, const std::vector<std::string>& paths, const Tagger& tagger,
               const Selection& selection, EvidenceWriter& evidence, const Emit& emit) {
  const torch::Device device = tagger.label_features.device();
  const torch::Tensor images = image::normalize(batch.images, tagger.preprocessing, device);  // (B, 3, H, H)
  const auto features = model::image_features(tagger.encoder.forward(images));
  const torch::Tensor scores = scores_of(tagger, features);  // (B, C)
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    const std::int64_t index = batch.indices[static_cast<std::size_t>(row)];
    const TaggedImage tagged =
        best_labels(paths[static_cast<std::size_t>(index)], scores[row], tagger.labels, selection);
    evidence.write(tagged, index, batch.images[row], features.patches[row]);
    emit(tagged);
  }
}

}  // namespace

std::vector<std::string> find_images(const std::vector<std::string>& arguments, std::istream& list) {
  std::vector<std::string> paths;
  for (const std::string& argument : arguments) {
    std::vector<std::string> found = {argument};
    if (argument == "-") {
      found = listed_images(list);
    } else if (fs::is_directory(argument)) {
      found = images_in(argument);
    }
    paths.insert(paths.end(), found.begin(), found.end());
  }
  for (const std::string& path : paths) {
    TORCH_CHECK(fs::exists(path), "image-path: expected an image, got '", path,
                "', which does not exist. Check the path.");
  }
  return paths;
}

std::int64_t tag_images(const InferOptions& options, std::istream& list, const Emit& emit) {
  const torch::NoGradGuard no_grad;
  check_options(options);
  const std::vector<std::string> paths = find_images(options.image_path, list);
  const session::Runtime runtime = session::make_runtime(options.tagger.compute);
  const Tagger tagger =
      options.model.empty() ? make_tagger(options.tagger, runtime) : load_exported_model(options, runtime);
  const Selection selection = choose_selection(options, tagger);
  data::DataLoader loader(
      paths, torch::Tensor(),
      scoring::evaluation_loader(options.decoding, options.batch_size, tagger.encoder.options().resolution(),
                                 tagger.preprocessing, runtime));
  EvidenceWriter evidence(options.heatmap, options.annotate, tagger.labels, tagger.label_features);
  Progress progress("tagging", loader.images(), "images");
  const Emit emit_alone = [&](const TaggedImage& tagged) {
    progress.clear();
    emit(tagged);
  };
  std::int64_t done = 0;
  loader.start(0);
  while (const auto batch = loader.next()) {
    if (batch->images.size(0) == 0) continue;
    tag_batch(*batch, paths, tagger, selection, evidence, emit_alone);
    progress.update(done += batch->images.size(0));
  }
  if (loader.bad_images() > 0)
    log::warning("{} of {} images could not be read", loader.bad_images(), paths.size());
  if (const std::string text = data::damage_text(loader.damaged_images(), loader); !text.empty())
    log::warning(text);
  return loader.bad_images();
}

}  // namespace mkt::tagging
