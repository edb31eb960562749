#include "report/model_evaluation.h"

#include <fmt/core.h>

#include <algorithm>

#include "artifact/checkpoint_facts.h"
#include "artifact/clip_facts.h"
#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "artifact/file_kind.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "labels/encoder_digests.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"
#include "report/alpha_sweep.h"
#include "report/report.h"
#include "scoring/seen_penalty.h"
#include "scoring/statistics.h"
#include "scoring/threshold_fit.h"
#include "weights/safetensors.h"

namespace mkt::report {
namespace {

void check_files(const EvaluationOptions& options, const session::Session& session) {
  artifact::require_kind("clip-path", options.text.clip_path, artifact::FileKind::kClip);
  artifact::require_kind("ckpt-path", options.ckpt_path, artifact::FileKind::kStage1);
  artifact::require_kind("eval-ckpt", options.text.txt_ckpt, artifact::FileKind::kStage2);
  io::require_file("bpe-path", options.text.merges);
  check_alphas(options.alphas);
  scoring::check_k(options.metrics.k);
  io::require_file("statistics", options.statistics.file);
  if (!session.is_main()) return;  // only rank 0 writes
  io::require_writable("json", options.results.json);
  io::require_writable("save-scores", options.results.scores);
  io::require_writable_folder("report", options.results.report);
  io::require_writable("fit-thresholds", options.results.thresholds);
  io::require_writable("save-statistics", options.statistics.save);
}

/// The evaluated model: weights, and how images become scores.
struct Evaluand {
  clip::Weights clip;
  clip::Weights image_side;
  image::Preprocessing preprocessing;
  model::ScoreRule rule;
  model::LocalPooling local;
};

Evaluand load_model(const EvaluationOptions& options, std::size_t labels, session::Session& session) {
  const bool tuned = !options.ckpt_path.empty();
  const model::ScoreKind kind = artifact::choose_score(options.score, options.local, tuned, labels);
  Evaluand model;
  model.clip = artifact::load_clip(options.text.clip_path, options.input_size, options.text.clip_facts);
  model.image_side = artifact::load_image_weights(model.clip, options.ckpt_path, options.patches);
  model.preprocessing =
      tuned ? artifact::tuned_preprocessing(options.preprocessing, model.clip, options.ckpt_path)
            : artifact::plain_preprocessing(options.preprocessing, model.clip);
  model.rule = artifact::score_rule(kind, model.clip);
  model.local = artifact::complete_pooling(options.local, model.clip);
  if (session.is_main()) artifact::warn_of_other_scores(options.ckpt_path, kind, model.local);
  session::check_ranks_agree({{"preprocessing", artifact::to_json(model.preprocessing)}}, session);
  artifact::log_preprocessing(model.preprocessing, model.clip.architecture.vision.resolution());
  return model;
}

/// Warns of label sets in which a relative score says nothing.
void warn_of_single_labels(const data::Dataset& dataset, const Evaluand& model) {
  const model::ScoreKind kind = model.rule.kind;
  if (!model::is_relative(kind, model.local)) return;
  const auto warn = [&](const std::string& name, std::size_t labels) {
    if (labels == 1)
      log::warning("score: {} has a single label, for which every image has the same {} score. Use cosine.",
                   name, enum_name(kind));
  };
  warn("ZSL", dataset.unseen.size());
  for (const data::LabelSet& set : dataset.sets) warn("the label set '" + set.name + "'", set.labels.size());
}

data::Dataset load_test_images(const EvaluationOptions& options, session::Session& session) {
  data::Dataset dataset =
      data::load_dataset(options.data_path, data::Split::kTest,
                         scoring::reading_options(options.decoding.workers, options.limit, session));
  session::check_ranks_agree({{"test_names_sha256", data::digest(dataset.names)},
                              {"labels_sha256", data::digest(data::all_labels(dataset))},
                              {"sets_sha256", data::digest(dataset.sets)},
                              {"fast_decode", options.decoding.fast},
                              {"exif_rotate", options.decoding.exif_rotate},
                              {"topk", options.local.topk},
                              {"local", model::describe(options.local)},
                              {"alpha", options.alphas},
                              {"score", options.score ? enum_name(*options.score) : "auto"},
                              {"patches", enum_name(options.patches)},
                              {"statistics", options.statistics.file},
                              {"limit-statistics-images", options.statistics.limit},
                              {"report", !options.results.report.empty()}},
                             session);
  return dataset;
}

data::DataLoader load_images(const EvaluationOptions& options, const std::vector<std::string>& paths,
                             const Evaluand& model, const session::Session& session) {
  data::LoaderOptions loading = scoring::evaluation_loader(options.decoding, options.batch_size,
                                                           model.clip.architecture.vision.resolution(),
                                                           model.preprocessing, session.runtime);
  loading.rank = session.ranks.rank();
  loading.world_size = session.ranks.size();
  return data::DataLoader(paths, torch::Tensor(), loading);
}

/// Throws ValueError for statistics options that have no effect.
void check_statistics(const StatisticsOptions& options, model::ScoreKind kind) {
  const bool standard = kind == model::ScoreKind::kStandard;
  const auto refuse_without = [&](const char* name, bool given) {
    TORCH_CHECK_VALUE(standard || !given, name, ": expected the score standard, got ", enum_name(kind),
                      ", which needs no statistics. Drop one.");
  };
  refuse_without("statistics", !options.file.empty());
  refuse_without("save-statistics", !options.save.empty());
  refuse_without("limit-statistics-images", options.limit != 0);
  const auto refuse_with_file = [&](const char* name, bool given) {
    TORCH_CHECK_VALUE(options.file.empty() || !given, name, ": cannot be combined with statistics ",
                      options.file, ", which are not computed again. Drop one.");
  };
  refuse_with_file("save-statistics", !options.save.empty());
  refuse_with_file("limit-statistics-images", options.limit != 0);
}

artifact::ThresholdScores described(const EvaluationOptions& options, const Evaluand& model) {
  return labels::threshold_scores(model.rule.kind, model.local, model.preprocessing, options.text, model.clip,
                                  model.image_side);
}

/// Reads the label statistics, or computes them from the training images and saves them if asked to.
scoring::Statistics find_statistics(const EvaluationOptions& options, const Evaluand& model,
                                    const clip::FrozenVisionEncoder& encoder, scoring::ScoringOptions scoring,
                                    const data::Dataset& dataset, session::Session& session) {
  if (!options.statistics.file.empty())
    return scoring::read_statistics(options.statistics.file, described(options, model));
  const data::Dataset training = data::load_dataset(
      options.data_path, data::Split::kTrain, scoring::reading_options(options.decoding.workers, 0, session));
  std::vector<std::string> paths = training.paths;
  const auto limit = static_cast<std::size_t>(options.statistics.limit);
  if (limit > 0 && limit < paths.size()) paths.resize(limit);
  data::DataLoader loader = load_images(options, paths, model, session);
  scoring.what = "statistics";
  log::info("computing label statistics from {} training images", paths.size());
  scoring::Statistics statistics = scoring::fit_statistics(encoder, loader, scoring, dataset, session);
  if (session.is_main() && !options.statistics.save.empty())
    scoring::write_statistics(options.statistics.save, described(options, model), statistics);
  return statistics;
}

/// Sets the statistics of each setting if the score is standard.
void set_statistics(const EvaluationOptions& options, const Evaluand& model,
                    const clip::FrozenVisionEncoder& encoder, const data::Dataset& dataset,
                    scoring::ScoringOptions& scoring, session::Session& session) {
  if (model.rule.kind != model::ScoreKind::kStandard) return;
  const scoring::Statistics found = find_statistics(options, model, encoder, scoring, dataset, session);
  for (const std::vector<std::string>& labels : scoring::label_lists(dataset)) {
    const model::ScoreRule rule(found.of(labels, options.statistics.file));
    scoring.statistics.push_back(model::on_device(rule, session.runtime.device).statistics);
  }
}

void write_scores(const std::string& path, const scoring::ScoredImages& scored,
                  const std::vector<data::LabelSet>& sets) {
  weights::TensorMap tensors = {{"zsl", scored.zsl}, {"gzsl", scored.gzsl}};
  for (std::size_t i = 0; i < sets.size(); ++i) tensors["sets." + sets[i].name] = scored.sets[i];
  weights::save_safetensors(path, tensors);
  log::info("wrote {}", path);
}

/// Returns the penalty given, or the one with the highest GZSL F1 at the first k.
double seen_penalty(const EvaluationOptions& options, const scoring::ScoredImages& scored,
                    const data::Dataset& dataset) {
  if (!options.fit_seen_penalty) return options.metrics.seen_penalty;
  const auto seen = static_cast<std::int64_t>(dataset.seen.size());
  const torch::Tensor labels =
      scoring::counted_labels(dataset.labels, scored.indices, options.metrics.protocol);
  return scoring::fit_seen_penalty(scored.gzsl, labels, seen,
                                   std::min(options.metrics.k.front(), scored.gzsl.size(1)));
}

nlohmann::ordered_json results_json(bool fitted, const scoring::EvaluationResult& result,
                                    const data::Dataset& dataset) {
  nlohmann::ordered_json json = scoring::to_json(result, dataset);
  const double penalty = result.options.seen_penalty;
  if (penalty != 0 || fitted) json["seen_penalty"] = {{"value", penalty}, {"fitted", fitted}};
  return json;
}

/// Writes the result files, except the report, and returns the table to print.
std::string write_results(const EvaluationOptions& options, const Evaluand& model,
                          const std::vector<model::LabelStatistics>& statistics,
                          const scoring::MetricOptions& metrics, const scoring::ScoredImages& scored,
                          const data::Dataset& dataset) {
  const scoring::EvaluationResult result = scoring::evaluate(scored, dataset, metrics);
  for (const std::string& warning : {scoring::ties_warning(result, dataset), scoring::k_warning(result)}) {
    if (!warning.empty()) log::warning(warning);
  }
  const InterruptDelay until_written;  // a signal is handled after all files are written
  const ResultFiles& files = options.results;
  if (!files.scores.empty()) write_scores(files.scores, scored, dataset.sets);
  if (!files.json.empty())
    io::write_json(files.json, results_json(options.fit_seen_penalty, result, dataset));
  std::string text = scoring::to_table(result);
  if (options.fit_seen_penalty)
    text += fmt::format("seen penalty {:.6g}: the best for GZSL F1@{} of these images\n",
                        metrics.seen_penalty, metrics.k.front());
  if (files.thresholds.empty()) return text;
  artifact::ThresholdScores fitted_to = described(options, model);
  fitted_to.seen_penalty = metrics.seen_penalty;
  if (!statistics.empty()) fitted_to.statistics_sha256 = artifact::digest_of(statistics[1]);
  scoring::ScoredImages adjusted = scored;
  if (metrics.seen_penalty != 0) {
    adjusted.gzsl =
        scoring::penalised(scored.gzsl, static_cast<std::int64_t>(dataset.seen.size()), metrics.seen_penalty);
  }
  return text + scoring::write_thresholds(files.thresholds, fitted_to, adjusted, dataset);
}

}  // namespace

std::string evaluate_model(const EvaluationOptions& options, session::Session& session) {
  check_files(options, session);
  const data::Dataset dataset = load_test_images(options, session);
  labels::LabelInputs inputs = options.text;
  inputs.labels = data::all_labels(dataset);
  const Evaluand model = load_model(options, inputs.labels.size(), session);
  check_statistics(options.statistics, model.rule.kind);
  TORCH_CHECK_VALUE(
      options.alphas.empty() || model.rule.kind != model::ScoreKind::kStandard,
      "alpha: expected a score other than standard, whose label statistics belong to one model, "
      "got standard. Evaluate the output of prepare mix.");
  if (session.is_main()) warn_of_single_labels(dataset, model);
  const auto encoder = clip::make_frozen_vision_encoder(model.image_side, session.runtime.frozen_dtype(),
                                                        session.runtime.device);
  const torch::Tensor label_features =
      labels::load_label_features(options.data_path, inputs, model.clip, session);
  log::info("evaluating {} images on {}", dataset.paths.size(), session::describe(session.runtime));
  data::DataLoader loader = load_images(options, dataset.paths, model, session);
  scoring::ScoringOptions scoring{label_features,  static_cast<std::int64_t>(dataset.seen.size()),
                                  model.local,     model.rule.kind,
                                  "scoring",       dataset.sets,
                                  model.rule.scale};
  set_statistics(options, model, encoder, dataset, scoring, session);
  if (!options.alphas.empty()) {
    return sweep_alphas({options.alphas, options.results.json, dataset, model.clip, model.image_side, scoring,
                         options.metrics},
                        loader, session);
  }
  const scoring::ScoredImages scored = scoring::score_images(encoder, loader, scoring, session);
  scoring::MetricOptions metrics = options.metrics;
  if (session.is_main()) metrics.seen_penalty = seen_penalty(options, scored, dataset);
  std::string table =
      session.is_main() ? write_results(options, model, scoring.statistics, metrics, scored, dataset) : "";
  if (!options.results.report.empty()) {
    report_evaluation(options.results.report,
                      {options.data_path, options.ckpt_path, inputs, options.preprocessing, metrics},
                      {dataset, model.clip, encoder, scoring, scored}, loader, session);
  }
  return table;
}

}  // namespace mkt::report
