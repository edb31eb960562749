#include "tagging/tagger.h"

#include <fmt/format.h>

#include <utility>

#include "artifact/checkpoint_facts.h"
#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "artifact/file_kind.h"
#include "artifact/threshold_file.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "labels/encoder_digests.h"
#include "labels/labels.h"
#include "lists/label_list.h"
#include "lists/label_names.h"
#include "mkt/data/dataset.h"
#include "scoring/seen_penalty.h"
#include "scoring/statistics.h"

namespace mkt::tagging {

void check_tagger_files(const TaggerOptions& options) {
  artifact::require_kind("clip-path", options.text.clip_path, artifact::FileKind::kClip);
  artifact::require_kind("img-ckpt", options.img_ckpt, artifact::FileKind::kStage1);
  artifact::require_kind("txt-ckpt", options.text.txt_ckpt, artifact::FileKind::kStage2);
  io::require_file("bpe-path", options.text.merges);
  io::require_file("phrases", options.text.phrases);
  io::require_file("labels", options.labels);
  io::require_file("thresholds", options.thresholds);
  io::require_file("statistics", options.statistics);
}

namespace {

void warn_of_blank_lines(const data::LabelList& list) {
  const std::vector<std::string> problems = data::blank_line_problems(list);
  if (problems.empty()) return;
  const std::string others =
      problems.size() == 1 ? "" : fmt::format(" {} more lines are empty.", problems.size() - 1);
  log::warning(problems.front() + others);
}

}  // namespace

std::vector<std::string> choose_labels(const TaggerOptions& options) {
  std::vector<std::string> labels = options.label;
  if (!options.labels.empty()) {
    const data::LabelList list = data::read_label_list(options.labels);
    TORCH_CHECK(!list.labels.empty(), options.labels,
                ": expected one label per line, got none. Add labels to the file.");
    warn_of_blank_lines(list);
    labels.insert(labels.end(), list.labels.begin(), list.labels.end());
  }
  if (labels.empty()) {
    TORCH_CHECK_VALUE(!options.data_path.empty(),
                      "labels: expected labels in the options label, labels or data-path, got none. Give one "
                      "of the three.");
    return data::load_dataset_labels(options.data_path);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string problem = data::label_text_problem(labels[i]);
    TORCH_CHECK_VALUE(problem.empty() || i >= options.label.size(), "label: ", problem);
    TORCH_CHECK(problem.empty(), options.labels, ": ", problem);
  }
  const std::string warning =
      data::like_labels_warning(labels, options.labels.empty() ? "label" : options.labels);
  if (!warning.empty()) log::warning_once(warning);
  if (!options.data_path.empty())
    log::warning("the data set's labels are ignored, because other labels are given");
  return labels;
}

torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::Weights& clip, const session::Runtime& runtime) {
  labels::LabelInputs inputs = options.text;
  inputs.labels = labels;
  const bool own_labels = !options.label.empty() || !options.labels.empty();
  return own_labels ? labels::encode_labels(inputs, clip, runtime)
                    : labels::load_label_features(options.data_path, inputs, clip, runtime);
}

image::Preprocessing choose_preprocessing(const TaggerOptions& options, const clip::Weights& clip) {
  image::Preprocessing made =
      options.img_ckpt.empty() ? artifact::plain_preprocessing(options.preprocessing, clip)
                               : artifact::tuned_preprocessing(options.preprocessing, clip, options.img_ckpt);
  artifact::log_preprocessing(made, clip.architecture.vision.resolution());
  return made;
}

namespace {

/// Returns how many of the labels the penalty applies to; 0 without a penalty.
std::int64_t penalised_labels(const TaggerOptions& options) {
  if (options.seen_penalty == 0) return 0;
  TORCH_CHECK_VALUE(
      options.label.empty() && options.labels.empty() && !options.data_path.empty(),
      "seen-penalty: expected the labels of a data set (data-path alone), which says which were "
      "seen, got other labels. Drop one.");
  return static_cast<std::int64_t>(data::count_seen_labels(options.data_path));
}

/// Returns the rule of the score standard from the options' file.
model::ScoreRule standard_rule(const TaggerOptions& options, const std::vector<std::string>& labels,
                               artifact::ThresholdScores scores) {
  TORCH_CHECK_VALUE(
      !options.statistics.empty(),
      "score: expected a file of statistics for the score standard, got none. Write one with eval "
      "(save-statistics) and give it as statistics, or use another score.");
  scores.seen_penalty = 0;  // applies after the statistics
  return model::ScoreRule(
      scoring::read_statistics(options.statistics, scores).of(labels, options.statistics));
}

}  // namespace

ScoreChoice choose_scores(const TaggerOptions& options, const std::vector<std::string>& labels,
                          const clip::Weights& clip, const clip::Weights& image_side,
                          const image::Preprocessing& preprocessing) {
  const model::ScoreKind kind =
      artifact::choose_score(options.score, options.local, !options.img_ckpt.empty(), labels.size());
  const bool standard = kind == model::ScoreKind::kStandard;
  TORCH_CHECK_VALUE(standard || options.statistics.empty(), "statistics: expected the score standard, got ",
                    enum_name(kind), ", which needs none. Drop one.");
  const model::LocalPooling pooling = artifact::complete_pooling(options.local, clip);
  artifact::warn_of_other_scores(options.img_ckpt, kind, pooling);
  ScoreChoice choice;
  choice.scores = labels::threshold_scores(kind, pooling, preprocessing, options.text, clip, image_side);
  choice.scores.seen_penalty = options.seen_penalty;
  choice.seen_labels = penalised_labels(options);
  choice.rule = standard ? standard_rule(options, labels, choice.scores) : artifact::score_rule(kind, clip);
  choice.scores.statistics_sha256 = artifact::digest_of(choice.rule.statistics);
  return choice;
}

Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime) {
  std::vector<std::string> labels = choose_labels(options);
  artifact::choose_score(options.score, options.local, !options.img_ckpt.empty(), labels.size());  // throws
  const clip::Weights clip =
      artifact::load_clip(options.text.clip_path, options.input_size, options.text.clip_facts);
  const clip::Weights image_side = artifact::load_image_weights(clip, options.img_ckpt, options.patches);
  const image::Preprocessing preprocessing = choose_preprocessing(options, clip);
  const ScoreChoice choice = choose_scores(options, labels, clip, image_side, preprocessing);
  artifact::Thresholds thresholds;
  if (!options.thresholds.empty())
    thresholds = artifact::load_thresholds(options.thresholds, labels, choice.scores);
  const torch::Tensor features = choose_label_features(options, labels, clip, runtime);
  return {std::move(labels),
          features,
          clip::make_frozen_vision_encoder(image_side, runtime.frozen_dtype(), runtime.device),
          choice.scores.local,
          model::on_device(choice.rule, runtime.device),
          preprocessing,
          std::move(thresholds),
          options.seen_penalty,
          choice.seen_labels};
}

torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features) {
  const torch::Tensor scores =
      model::combine(model::branch_scores(features, tagger.label_features, tagger.local), tagger.score);
  if (tagger.seen_penalty == 0) return scores;
  return scoring::penalised(scores, tagger.seen_labels, tagger.seen_penalty);
}

}  // namespace mkt::tagging
