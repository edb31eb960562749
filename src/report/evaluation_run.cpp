#include "report/evaluation_run.h"
#include "io/json.h"

#include <ostream>
#include <utility>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"
#include "report/report.h"
#include "scoring/loading.h"
#include "scoring/threshold_fit.h"
#include "weights/safetensors.h"

namespace mkt::report {
namespace {

void check_options(const scoring::EvalOptions& options, const session::Session& session) {
  const bool has_checkpoint = !options.ckpt_path.empty();
  TORCH_CHECK_VALUE(has_checkpoint != options.zero_shot,
                    "--ckpt-path: expected a stage-1 checkpoint, or --zero-shot for plain CLIP; got ",
                    has_checkpoint ? "both." : "neither.");
  TORCH_CHECK_VALUE(!options.zero_shot || options.eval_ckpt.empty(),
                    "--zero-shot: expected plain CLIP without a checkpoint, got --eval-ckpt too. Drop one.");
  const auto check_apart = [](const char* flag, const std::string& file, const char* other,
                              const std::string& other_file) {
    TORCH_CHECK_VALUE(file.empty() || file != other_file, flag, ": expected another file than ", other,
                      ", got ", file, " for both.");
  };
  check_apart("--json", options.json, "--save-scores", options.save_scores);
  check_apart("--fit-thresholds", options.fit_thresholds, "--json", options.json);
  check_apart("--fit-thresholds", options.fit_thresholds, "--save-scores", options.save_scores);
  artifact::require_checkpoint("clip-path", options.clip.clip_path, artifact::CheckpointKind::kClip);
  artifact::require_checkpoint("ckpt-path", options.ckpt_path, artifact::CheckpointKind::kStage1);
  artifact::require_checkpoint("eval-ckpt", options.eval_ckpt, artifact::CheckpointKind::kStage2);
  io::require_file("bpe-path", options.clip.bpe_path);
  if (!session.is_main()) return;  // which writes nothing
  io::require_writable("json", options.json);
  io::require_writable("save-scores", options.save_scores);
  io::require_writable_folder("report", options.report);
  io::require_writable("fit-thresholds", options.fit_thresholds);
}

void write_scores(const std::string& path, const scoring::ScoredImages& scored,
                  const std::vector<data::LabelSet>& sets) {
  weights::TensorMap tensors = {{"zsl", scored.zsl}, {"gzsl", scored.gzsl}};
  for (std::size_t i = 0; i < sets.size(); ++i) tensors["sets." + sets[i].name] = scored.sets[i];
  weights::save_safetensors(path, tensors);
  log::info(cat("wrote ", path));
}

/// Returns the table.
std::string write_results(const scoring::EvalOptions& options, const scoring::EvaluationResult& result,
                          const scoring::ScoredImages& scored, const data::Dataset& dataset) {
  const InterruptDelay until_written;  // all files or none
  if (!options.save_scores.empty()) write_scores(options.save_scores, scored, dataset.sets);
  if (!options.json.empty()) io::write_json(options.json, scoring::to_json(result, dataset));
  if (options.fit_thresholds.empty()) return scoring::to_table(result);
  return scoring::to_table(result) + scoring::write_thresholds(options, scored, dataset);
}

std::string evaluate_on_ranks(const scoring::EvalOptions& options, session::Session& session) {
  check_options(options, session);
  const session::Runtime& runtime = session.runtime;
  const data::Dataset dataset =
      data::load_dataset(options.data.data_path, data::Split::kTest,
                         scoring::reading_options(options.data, options.limit_eval_images, session));
  session::check_ranks_agree({{"test_names_sha256", data::digest(dataset.names)},
                              {"labels_sha256", data::digest(data::all_labels(dataset))},
                              {"sets_sha256", data::digest(dataset.sets)},
                              {"fast_decode", options.data.fast_decode},
                              {"topk", options.clip.topk},
                              {"score", options.score},
                              {"report", !options.report.empty()}},
                             session);
  const clip::TensorMap clip = artifact::load_clip(options.clip);
  const auto encoder = artifact::load_image_encoder(clip, options.clip, options.ckpt_path, runtime);
  const torch::Tensor label_features = labels::load_label_features(
      options.data.data_path, data::all_labels(dataset), clip, options.clip, options.eval_ckpt, session);
  log::info(cat("evaluating ", dataset.paths.size(), " images on ", session::describe(runtime)));
  data::LoaderOptions loading = scoring::evaluation_loader(options.data, options.test_batch_size,
                                                           encoder.options().resolution(), runtime);
  loading.rank = session.ranks.rank();
  loading.world_size = session.ranks.size();
  data::DataLoader loader(dataset.paths, torch::Tensor(), loading);
  const scoring::ScoringOptions scoring{
      label_features,    static_cast<std::int64_t>(dataset.seen.size()),
      options.clip.topk, artifact::choose_score(options.score, !options.zero_shot),
      "scoring",         dataset.sets};
  const scoring::ScoredImages scored = scoring::score_images(encoder, loader, scoring, session);
  std::string table;
  if (session.is_main()) table = write_results(options, scoring::evaluate(scored, dataset), scored, dataset);
  if (!options.report.empty()) {
    report_evaluation(options, {dataset, clip, encoder, scoring, scored}, loader, session);
  }
  return table;
}

}  // namespace

std::string run_evaluation(const scoring::EvalOptions& options) {
  session::Session session = session::start_session(options.compute, options.ranks);
  return session::with_announced_failure(session, [&] { return evaluate_on_ranks(options, session); });
}

}  // namespace mkt::report
