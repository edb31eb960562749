#include "report/model_evaluation.h"

#include "artifact/clip_facts.h"
#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "labels/encoder_digests.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"
#include "report/report.h"
#include "scoring/threshold_fit.h"
#include "weights/safetensors.h"

namespace mkt::report {
namespace {

void check_files(const EvaluationOptions& options, const session::Session& session) {
  artifact::require_kind("clip-path", options.text.clip_path, artifact::FileKind::kClip);
  artifact::require_kind("ckpt-path", options.ckpt_path, artifact::FileKind::kStage1);
  artifact::require_kind("eval-ckpt", options.text.txt_ckpt, artifact::FileKind::kStage2);
  io::require_file("bpe-path", options.text.merges);
  if (!session.is_main()) return;  // only rank 0 writes
  io::require_writable("json", options.results.json);
  io::require_writable("save-scores", options.results.scores);
  io::require_writable_folder("report", options.results.report);
  io::require_writable("fit-thresholds", options.results.thresholds);
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
  model.image_side = artifact::load_image_weights(model.clip, options.ckpt_path);
  model.preprocessing =
      tuned ? artifact::tuned_preprocessing(options.preprocessing, model.clip, options.ckpt_path)
            : artifact::plain_preprocessing(options.preprocessing, model.clip);
  model.rule = artifact::score_rule(kind, model.clip);
  model.local = artifact::complete_pooling(options.local, model.clip);
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
                              {"score", options.score ? enum_name(*options.score) : "auto"},
                              {"report", !options.results.report.empty()}},
                             session);
  return dataset;
}

data::DataLoader load_images(const EvaluationOptions& options, const data::Dataset& dataset,
                             const Evaluand& model, const session::Session& session) {
  data::LoaderOptions loading = scoring::evaluation_loader(options.decoding, options.batch_size,
                                                           model.clip.architecture.vision.resolution(),
                                                           model.preprocessing, session.runtime);
  loading.rank = session.ranks.rank();
  loading.world_size = session.ranks.size();
  return data::DataLoader(dataset.paths, torch::Tensor(), loading);
}

void write_scores(const std::string& path, const scoring::ScoredImages& scored,
                  const std::vector<data::LabelSet>& sets) {
  weights::TensorMap tensors = {{"zsl", scored.zsl}, {"gzsl", scored.gzsl}};
  for (std::size_t i = 0; i < sets.size(); ++i) tensors["sets." + sets[i].name] = scored.sets[i];
  weights::save_safetensors(path, tensors);
  log::info("wrote {}", path);
}

/// Writes the result files, except the report, and returns the table to print.
std::string write_results(const EvaluationOptions& options, const Evaluand& model,
                          const scoring::ScoredImages& scored, const data::Dataset& dataset) {
  const scoring::EvaluationResult result = scoring::evaluate(scored, dataset);
  const std::string ties = scoring::ties_warning(result, dataset);
  if (!ties.empty()) log::warning(ties);
  const InterruptDelay until_written;  // a signal is handled after all files are written
  const ResultFiles& files = options.results;
  if (!files.scores.empty()) write_scores(files.scores, scored, dataset.sets);
  if (!files.json.empty()) io::write_json(files.json, scoring::to_json(result, dataset));
  if (files.thresholds.empty()) return scoring::to_table(result);
  return scoring::to_table(result) +
         scoring::write_thresholds(files.thresholds,
                                   labels::threshold_scores(model.rule.kind, model.local, model.preprocessing,
                                                            options.text, model.clip, model.image_side),
                                   scored, dataset);
}

}  // namespace

std::string evaluate_model(const EvaluationOptions& options, session::Session& session) {
  check_files(options, session);
  const data::Dataset dataset = load_test_images(options, session);
  labels::LabelInputs inputs = options.text;
  inputs.labels = data::all_labels(dataset);
  const Evaluand model = load_model(options, inputs.labels.size(), session);
  if (session.is_main()) warn_of_single_labels(dataset, model);
  const auto encoder = clip::make_frozen_vision_encoder(model.image_side, session.runtime.frozen_dtype(),
                                                        session.runtime.device);
  const torch::Tensor label_features =
      labels::load_label_features(options.data_path, inputs, model.clip, session);
  log::info("evaluating {} images on {}", dataset.paths.size(), session::describe(session.runtime));
  data::DataLoader loader = load_images(options, dataset, model, session);
  const scoring::ScoringOptions scoring{label_features,  static_cast<std::int64_t>(dataset.seen.size()),
                                        model.local,     model.rule.kind,
                                        "scoring",       dataset.sets,
                                        model.rule.scale};
  const scoring::ScoredImages scored = scoring::score_images(encoder, loader, scoring, session);
  std::string table = session.is_main() ? write_results(options, model, scored, dataset) : "";
  if (!options.results.report.empty()) {
    report_evaluation(options.results.report,
                      {options.data_path, options.ckpt_path, inputs, options.preprocessing},
                      {dataset, model.clip, encoder, scoring, scored}, loader, session);
  }
  return table;
}

}  // namespace mkt::report
