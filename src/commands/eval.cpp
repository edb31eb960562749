// eval: scores the test images of a data set and prints the metrics reported in the paper.

#include <utility>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"
#include "report/report.h"
#include "scoring/threshold_fit.h"
#include "weights/safetensors.h"

namespace mkt::commands {
namespace {

struct EvalOptions {
  cli::OptionList list;
  DataOptions data{list};
  ClipOptions clip{list};
  LabelFeatureOptions features{list};
  Group model{list, "What to score"};
  Text ckpt_path{list, "ckpt-path", "Stage-1 checkpoint; required without --zero-shot"};
  Text eval_ckpt{list, "eval-ckpt", "Stage-2 checkpoint; default: label_emb.pt, or CLIP's text encoder"};
  Flag zero_shot{list, "zero-shot", "Score plain CLIP, without a checkpoint"};
  cli::Option<std::optional<model::ScoreKind>> score{list, "score", std::nullopt, kScoreHelp};
  Integer test_batch_size{list, "test-batch-size", 64, kPositive, "Images per step"};
  Integer limit_eval_images{list, "limit-eval-images", 0, kNotNegative, "Number of images; 0: all"};
  Group results{list, "Results"};
  Text json{list, "json", "File for the numbers, with those per class"};
  Text save_scores{list, "save-scores", "Safetensors file for all scores"};
  Text report{list, "report", "Folder for index.html, a report for people; scores plain CLIP as well"};
  Text fit_thresholds{list, "fit-thresholds", "File for score thresholds per label, for infer --thresholds"};
  ComputeOptions compute{list};
  RankOptions ranks{list};

  model::ScoreKind score_kind() const { return artifact::choose_score(*score, !zero_shot); }
  scoring::Decoding decoding() const { return data.decoding(); }
};

void check_apart(const char* flag, const std::string& file, const char* other,
                 const std::string& other_file) {
  TORCH_CHECK_VALUE(file.empty() || file != other_file, flag, ": expected another file than ", other,
                    ", got ", file, " for both.");
}

void check_options(const EvalOptions& options, const session::Session& session) {
  const bool has_checkpoint = !options.ckpt_path->empty();
  TORCH_CHECK_VALUE(has_checkpoint != options.zero_shot,
                    "--ckpt-path: expected a stage-1 checkpoint, or --zero-shot for plain CLIP; got ",
                    has_checkpoint ? "both." : "neither.");
  TORCH_CHECK_VALUE(!options.zero_shot || options.eval_ckpt->empty(),
                    "--zero-shot cannot be combined with --eval-ckpt. Drop one.");
  check_apart("--json", options.json, "--save-scores", options.save_scores);
  check_apart("--fit-thresholds", options.fit_thresholds, "--json", options.json);
  check_apart("--fit-thresholds", options.fit_thresholds, "--save-scores", options.save_scores);
  artifact::require_kind("clip-path", options.clip.clip_path, artifact::FileKind::kClip);
  artifact::require_kind("ckpt-path", options.ckpt_path, artifact::FileKind::kStage1);
  artifact::require_kind("eval-ckpt", options.eval_ckpt, artifact::FileKind::kStage2);
  io::require_file("bpe-path", options.clip.bpe_path);
  if (!session.is_main()) return;  // only rank 0 writes
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
  log::info("wrote {}", path);
}

/// Writes the result files and returns the table to print.
std::string write_results(const EvalOptions& options, const scoring::EvaluationResult& result,
                          const scoring::ScoredImages& scored, const data::Dataset& dataset) {
  const InterruptDelay until_written;  // a signal is handled after all files are written
  if (!options.save_scores->empty()) write_scores(options.save_scores, scored, dataset.sets);
  if (!options.json->empty()) io::write_json(options.json, scoring::to_json(result, dataset));
  if (options.fit_thresholds->empty()) return scoring::to_table(result);
  return scoring::to_table(result) +
         scoring::write_thresholds(options.fit_thresholds,
                                   {options.score_kind(), options.clip.topk, options.clip.prompt_template},
                                   scored, dataset);
}

data::Dataset load_dataset(const EvalOptions& options, session::Session& session) {
  data::Dataset dataset =
      data::load_dataset(options.data.data_path, data::Split::kTest,
                         scoring::reading_options(options.data.workers, options.limit_eval_images, session));
  const std::optional<model::ScoreKind> score = options.score;
  session::check_ranks_agree({{"test_names_sha256", data::digest(dataset.names)},
                              {"labels_sha256", data::digest(data::all_labels(dataset))},
                              {"sets_sha256", data::digest(dataset.sets)},
                              {"fast_decode", *options.data.fast_decode},
                              {"topk", *options.clip.topk},
                              {"score", score ? enum_name(*score) : cli::kAuto},
                              {"report", !options.report->empty()}},
                             session);
  return dataset;
}

/// Evaluates the model; returns the table on rank 0 and "" on other ranks.
std::string evaluate(const EvalOptions& options, session::Session& session) {
  check_options(options, session);
  const session::Runtime& runtime = session.runtime;
  const data::Dataset dataset = load_dataset(options, session);
  labels::LabelInputs inputs = label_inputs(options.clip, options.features, options.eval_ckpt);
  inputs.labels = data::all_labels(dataset);
  const clip::TensorMap clip = artifact::load_clip(inputs.clip_path, options.clip.input_size);
  const auto encoder = artifact::load_image_encoder(clip, inputs.clip_path, options.ckpt_path, runtime);
  const torch::Tensor label_features =
      labels::load_label_features(options.data.data_path, inputs, clip, session);
  log::info("evaluating {} images on {}", dataset.paths.size(), session::describe(runtime));
  data::LoaderOptions loading = scoring::evaluation_loader(options.decoding(), options.test_batch_size,
                                                           encoder.options().resolution(), runtime);
  loading.rank = session.ranks.rank();
  loading.world_size = session.ranks.size();
  data::DataLoader loader(dataset.paths, torch::Tensor(), loading);
  const scoring::ScoringOptions scoring{label_features,    static_cast<std::int64_t>(dataset.seen.size()),
                                        options.clip.topk, options.score_kind(),
                                        "scoring",         dataset.sets};
  const scoring::ScoredImages scored = scoring::score_images(encoder, loader, scoring, session);
  std::string table;
  if (session.is_main()) table = write_results(options, scoring::evaluate(scored, dataset), scored, dataset);
  if (!options.report->empty()) {
    report::report_evaluation(options.report, {options.data.data_path, options.ckpt_path, inputs},
                              {dataset, clip, encoder, scoring, scored}, loader, session);
  }
  return table;
}

int run_eval(const EvalOptions& options) {
  return run_on_ranks(options.ranks.value(), [&] {
    end_on_signals("eval");
    session::Session session = session::start_session(options.compute.value(), options.ranks.value());
    return session::with_announced_failure(session, [&] { return evaluate(options, session); });
  });
}

}  // namespace

Command eval() {
  return {
      "eval",
      "Mean average precision and F1 on a data set's test images, for unseen labels (ZSL) and all (GZSL).",
      "--data-path NUS-WIDE --clip-path ViT-B-16.pt --ckpt-path outputs/stage1/model_epoch_19.pth",
      calls(run_eval)};
}

}  // namespace mkt::commands
