// eval: scores the test images of a data set and prints the metrics reported in the paper.

#include <c10/util/Exception.h>

#include <charconv>
#include <utility>

#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "report/model_evaluation.h"
#include "session/session.h"

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
  Texts alpha{
      list, "alpha",
      "Shares in [0, 1] of --ckpt-path: scores (1 - alpha) CLIP + alpha checkpoint for each, for example "
      "0 0.5 1"};
  cli::Option<std::optional<model::ScoreKind>> score{list, "score", std::nullopt, kScoreHelp};
  Text statistics{
      list, "statistics",
      "File of --save-statistics, for --score standard; default: computed from the training images"};
  Text save_statistics{list, "save-statistics", "File for the label statistics of --score standard"};
  Integer limit_statistics_images{list, "limit-statistics-images", 0, kNotNegative,
                                  "Number of training images for them; 0: all"};
  Number seen_penalty{
      list, "seen-penalty", 0, kPenalties,
      "Standard deviations of an image's scores to subtract from the seen labels' before its best labels are "
      "chosen in GZSL: moves F1 alone"};
  Flag fit_seen_penalty{list, "fit-seen-penalty",
                        "Use the penalty with the highest GZSL F1 at the first --k of the evaluated images, "
                        "which should be others than those of a table"};
  cli::Option<clip::Patches> patches{list, "patches", clip::Patches::kLast, kPatchesHelp};
  Integer test_batch_size{list, "test-batch-size", 64, kPositive, "Images per step"};
  Integer limit_eval_images{list, "limit-eval-images", 0, kNotNegative, "Number of images; 0: all"};
  Group counting{list, "Metrics"};
  MetricOptions metrics{list};
  Group results{list, "Results"};
  Text json{list, "json", "File for the numbers, with those per class"};
  Text save_scores{list, "save-scores", "Safetensors file for all scores"};
  Text report{list, "report", "Folder for index.html, a report for people; scores plain CLIP as well"};
  Text fit_thresholds{list, "fit-thresholds", "File for score thresholds per label, for infer --thresholds"};
  ComputeOptions compute{list};
  RankOptions ranks{list};

  report::EvaluationOptions value() const;
};

report::EvaluationOptions EvalOptions::value() const {
  scoring::MetricOptions counting_rules = metrics.value();
  counting_rules.seen_penalty = seen_penalty;
  return {data.data_path,
          ckpt_path,
          label_inputs(clip, features, eval_ckpt),
          clip.input_size,
          clip.local_pooling(),
          *score,
          clip.preprocessing.value(),
          test_batch_size,
          limit_eval_images,
          data.decoding(),
          {json, save_scores, fit_thresholds, report},
          counting_rules,
          {statistics, save_statistics, limit_statistics_images},
          fit_seen_penalty,
          *patches};
}

std::vector<double> alphas(const EvalOptions& options) {
  std::vector<double> values;
  for (const std::string& text : *options.alpha) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    TORCH_CHECK_VALUE(problem == std::errc() && end == text.data() + text.size(),
                      "--alpha: expected a number in [0, 1], got '", text, "'.");
    values.push_back(value);
  }
  return values;
}

void check_apart(const char* flag, const std::string& file, const char* other,
                 const std::string& other_file) {
  TORCH_CHECK_VALUE(file.empty() || file != other_file, flag, ": expected another file than ", other,
                    ", got ", file, " for both.");
}

void check_flags(const EvalOptions& options) {
  const bool has_checkpoint = !options.ckpt_path->empty();
  TORCH_CHECK_VALUE(has_checkpoint != options.zero_shot,
                    "--ckpt-path: expected a stage-1 checkpoint, or --zero-shot for plain CLIP; got ",
                    has_checkpoint ? "both." : "neither.");
  TORCH_CHECK_VALUE(!options.zero_shot || options.eval_ckpt->empty(),
                    "--zero-shot cannot be combined with --eval-ckpt. Drop one.");
  using Given = std::pair<const char*, bool>;
  for (const auto& [flag, given] :
       {Given{"--zero-shot", options.zero_shot}, Given{"--save-scores", !options.save_scores->empty()},
        Given{"--fit-thresholds", !options.fit_thresholds->empty()},
        Given{"--report", !options.report->empty()}, Given{"--fit-seen-penalty", options.fit_seen_penalty}}) {
    TORCH_CHECK_VALUE(options.alpha->empty() || !given, "--alpha cannot be combined with ", flag,
                      ". Drop one.");
  }
  TORCH_CHECK_VALUE(!options.fit_seen_penalty || options.seen_penalty.is_default(),
                    "--seen-penalty cannot be combined with --fit-seen-penalty. Drop one.");
  check_apart("--json", options.json, "--save-scores", options.save_scores);
  check_apart("--fit-thresholds", options.fit_thresholds, "--json", options.json);
  check_apart("--fit-thresholds", options.fit_thresholds, "--save-scores", options.save_scores);
}

int run_eval(const EvalOptions& options) {
  return run_on_ranks(options.ranks.value(), [&] {
    end_on_signals("eval");
    session::Session session = session::start_session(options.compute.value(), options.ranks.value());
    return session::with_announced_failure(session, [&] {
      check_flags(options);
      report::EvaluationOptions evaluation = options.value();
      evaluation.alphas = alphas(options);
      return report::evaluate_model(evaluation, session);
    });
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
