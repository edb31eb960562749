#include "report/model_evaluation.h"

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "io/json.h"
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

model::ScoreKind score_kind(const EvaluationOptions& options) {
  return artifact::choose_score(options.score, !options.ckpt_path.empty());
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
                              {"topk", options.topk},
                              {"score", options.score ? enum_name(*options.score) : "auto"},
                              {"report", !options.results.report.empty()}},
                             session);
  return dataset;
}

data::DataLoader load_images(const EvaluationOptions& options, const data::Dataset& dataset,
                             std::int64_t image_size, const session::Session& session) {
  data::LoaderOptions loading =
      scoring::evaluation_loader(options.decoding, options.batch_size, image_size, session.runtime);
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
std::string write_results(const EvaluationOptions& options, const scoring::ScoredImages& scored,
                          const data::Dataset& dataset) {
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
                                   {score_kind(options), options.topk, options.text.prompt_template}, scored,
                                   dataset);
}

}  // namespace

std::string evaluate_model(const EvaluationOptions& options, session::Session& session) {
  check_files(options, session);
  const data::Dataset dataset = load_test_images(options, session);
  labels::LabelInputs inputs = options.text;
  inputs.labels = data::all_labels(dataset);
  const clip::Weights clip = artifact::load_clip(inputs.clip_path, options.input_size, inputs.clip_facts);
  const auto encoder = artifact::load_image_encoder(clip, options.ckpt_path, session.runtime);
  const torch::Tensor label_features = labels::load_label_features(options.data_path, inputs, clip, session);
  log::info("evaluating {} images on {}", dataset.paths.size(), session::describe(session.runtime));
  data::DataLoader loader = load_images(options, dataset, encoder.options().resolution(), session);
  const scoring::ScoringOptions scoring{label_features, static_cast<std::int64_t>(dataset.seen.size()),
                                        options.topk,   score_kind(options),
                                        "scoring",      dataset.sets};
  const scoring::ScoredImages scored = scoring::score_images(encoder, loader, scoring, session);
  std::string table = session.is_main() ? write_results(options, scored, dataset) : "";
  if (!options.results.report.empty()) {
    report_evaluation(options.results.report, {options.data_path, options.ckpt_path, inputs},
                      {dataset, clip, encoder, scoring, scored}, loader, session);
  }
  return table;
}

}  // namespace mkt::report
