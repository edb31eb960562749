#include "report/report.h"

#include <fmt/core.h>

#include <algorithm>

#include "artifact/encoders.h"
#include "core/log.h"
#include "io/atomic_file.h"
#include "labels/labels.h"
#include "mkt/metrics/confusion.h"
#include "report/report_html.h"

namespace mkt::report {
namespace {

/// Computes the share of `values` in each of `bins` equal-width bins from `low` to `high`.
std::vector<double> shares(const torch::Tensor& values, double low, double high, std::int64_t bins) {
  const torch::Tensor counts = torch::histc(values, bins, low, high).to(torch::kFloat64);
  const torch::Tensor parts = counts / counts.sum().clamp_min(1);
  return {parts.const_data_ptr<double>(), parts.const_data_ptr<double>() + bins};
}

/// Makes a row for each label with at least one positive image, sorted by the first model's average
/// precision, highest first. Labels from index `seen` on are unseen.
std::vector<LabelRow> label_rows(const std::vector<scoring::SettingResult>& results,
                                 const std::vector<std::string>& names, std::size_t seen) {
  std::vector<LabelRow> rows;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto column = static_cast<std::int64_t>(c);
    LabelRow row{names[c], c >= seen, results.front().positives[column].item<std::int64_t>(), {}};
    for (const scoring::SettingResult& result : results)
      row.average_precision.push_back(result.average_precision[column].item<double>());
    if (row.images > 0) rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const LabelRow& a, const LabelRow& b) {
    return a.average_precision.front() > b.average_precision.front();
  });
  return rows;
}

std::string score_text(model::ScoreKind kind) {
  return (kind == model::ScoreKind::kMkt ? "MKT" : enum_name(kind)) + " score";
}

std::string model_name(const EvaluatedFiles& files, model::ScoreKind kind) {
  const std::string tuned = files.labels.txt_ckpt.empty() ? "MKT, stage 1" : "MKT, both stages";
  if (files.ckpt_path.empty()) return "CLIP, " + score_text(kind);
  return kind == model::ScoreKind::kMkt ? tuned : tuned + ", " + score_text(kind);
}

/// Combines a model's scores with their metrics, which are computed on rank 0 only.
ScoredModel evaluated_model(std::string name, scoring::ScoredImages scores, const data::Dataset& dataset,
                            const scoring::MetricOptions& metrics, const session::Session& session) {
  ScoredModel model{std::move(name), std::move(scores), {}};
  if (session.is_main()) model.result = scoring::evaluate(model.scores, dataset, metrics);
  return model;
}

/// Makes a loader of the same images with plain CLIP's preprocessing.
data::DataLoader plain_loader(const EvaluatedFiles& files, const Evaluated& evaluated,
                              const data::DataLoader& loader) {
  data::LoaderOptions options = loader.options();
  options.preprocessing = artifact::plain_preprocessing(files.preprocessing, evaluated.clip);
  return data::DataLoader(evaluated.dataset.paths, torch::Tensor(), options);
}

/// Kinds of score by which plain CLIP is compared, except that of the evaluated model if it is plain CLIP.
std::vector<model::ScoreKind> plain_kinds(const EvaluatedFiles& files, const Evaluated& evaluated) {
  std::vector<model::ScoreKind> kinds = {model::ScoreKind::kCosine, model::ScoreKind::kGlobal,
                                         model::ScoreKind::kMkt};
  if (evaluated.clip.tensors.count("logit_scale") > 0) kinds.push_back(model::ScoreKind::kProbability);
  const bool same_patches = evaluated.encoder.options().patches == clip::Patches::kLast;
  if (files.ckpt_path.empty() && same_patches)
    kinds.erase(std::remove(kinds.begin(), kinds.end(), evaluated.scoring.kind), kinds.end());
  return kinds;
}

/// Scores the images with plain CLIP by plain_kinds().
std::vector<ScoredModel> score_plain_clip(const EvaluatedFiles& files, const Evaluated& evaluated,
                                          const data::DataLoader& loader, session::Session& session) {
  const std::vector<model::ScoreKind> kinds = plain_kinds(files, evaluated);
  const auto encoder = artifact::load_image_encoder(evaluated.clip, "", session.runtime);
  scoring::ScoringOptions scoring = evaluated.scoring;
  scoring.what = "scoring with plain CLIP";
  if (kinds.back() == model::ScoreKind::kProbability)
    scoring.logit_scale = artifact::score_rule(kinds.back(), evaluated.clip).scale;
  if (!files.labels.txt_ckpt.empty()) {
    labels::LabelInputs plain = files.labels;
    plain.txt_ckpt.clear();
    scoring.label_features = labels::encode_labels(plain, evaluated.clip, session);
  }
  data::DataLoader plain = plain_loader(files, evaluated, loader);
  std::vector<scoring::ScoredImages> scored = scoring::score_images(encoder, plain, scoring, kinds, session);
  scoring::MetricOptions metrics = files.metrics;
  metrics.seen_penalty = 0;  // it belongs to the evaluated model
  std::vector<ScoredModel> models;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    models.push_back(evaluated_model("CLIP, " + score_text(kinds[i]), std::move(scored[i]), evaluated.dataset,
                                     metrics, session));
  }
  return models;
}

std::pair<std::string, std::string> pooling_fact(const model::LocalPooling& pooling) {
  if (pooling.kind == model::Pooling::kTopk) return {"Best patches", std::to_string(pooling.topk)};
  return {"Patches pooled by", model::describe(pooling)};
}

/// Returns name and value of each file and size, for the report's head.
std::vector<std::pair<std::string, std::string>> facts(const EvaluatedFiles& files,
                                                       const Evaluated& evaluated,
                                                       const image::Preprocessing& own) {
  const image::Preprocessing plain = artifact::plain_preprocessing(files.preprocessing, evaluated.clip);
  std::vector<std::pair<std::string, std::string>> known = {{"Data", files.data_path},
                                                            {"CLIP weights", files.labels.clip_path}};
  if (!files.ckpt_path.empty()) known.push_back({"Stage 1", files.ckpt_path});
  if (!files.labels.txt_ckpt.empty()) known.push_back({"Stage 2", files.labels.txt_ckpt});
  known.push_back({"Images", std::to_string(evaluated.scored.indices.size())});
  known.push_back({"Labels", fmt::format("{} seen, {} unseen", evaluated.dataset.seen.size(),
                                         evaluated.dataset.unseen.size())});
  known.push_back(pooling_fact(evaluated.scoring.local));
  if (evaluated.encoder.options().patches == clip::Patches::kSelf)
    known.push_back({"Patches", "attend to themselves in the last block; in the rows below to all tokens"});
  if (files.metrics.seen_penalty != 0)
    known.push_back(
        {"Penalty on seen labels", fmt::format("{:.6g} standard deviations", files.metrics.seen_penalty)});
  known.push_back({"Images as", image::describe(own)});
  if (plain != own) known.push_back({"For plain CLIP", image::describe(plain)});
  if (files.metrics.protocol != scoring::Protocol::kMkt)
    known.push_back({"Protocol", enum_name(files.metrics.protocol)});
  return known;
}

}  // namespace

ScoreHistogram score_histogram(const torch::Tensor& scores, const torch::Tensor& labels, std::int64_t bins) {
  const torch::Tensor present = scores.masked_select(labels.eq(1));
  const torch::Tensor absent = scores.masked_select(labels.eq(-1));
  const torch::Tensor both = torch::cat({present, absent});
  if (both.numel() == 0) return {};
  const double low = both.min().item<double>();
  const double high = std::max(both.max().item<double>(), low + 1e-6);  // histc() needs high > low
  return {low, high, shares(present, low, high, bins), shares(absent, low, high, bins)};
}

ConfusionReport confusion_report(const torch::Tensor& scores, const torch::Tensor& labels,
                                 const std::vector<std::string>& names, std::int64_t count) {
  const metrics::Confusion counts = metrics::count_confusion(scores, labels);
  const torch::Tensor involved = counts.above.sum(0) + counts.above.sum(1);  // (C)
  const torch::Tensor order = std::get<1>(involved.sort(/*stable=*/true, 0, /*descending=*/true));
  ConfusionReport report;
  const std::int64_t size = std::min<std::int64_t>(count, involved.ne(0).sum().item<std::int64_t>());
  for (std::int64_t a = 0; a < size; ++a) {
    const std::int64_t row = order[a].item<std::int64_t>();
    report.labels.push_back(names[static_cast<std::size_t>(row)]);
    report.share.emplace_back();
    report.images.emplace_back();
    for (std::int64_t b = 0; b < size; ++b) {
      const std::int64_t column = order[b].item<std::int64_t>();
      const std::int64_t images = counts.images[row][column].item<std::int64_t>();
      const auto above = static_cast<double>(counts.above[row][column].item<std::int64_t>());
      report.share.back().push_back(images == 0 ? 0 : above / static_cast<double>(images));
      report.images.back().push_back(images);
    }
  }
  return report;
}

Report collect_report(const std::vector<ScoredModel>& models, const data::Dataset& dataset) {
  Report report;
  report.images = models.front().result.images;
  report.metrics = models.front().result.options;
  const auto truth = [&](const data::LabelTable& labels, const ScoredModel& model) {
    return scoring::counted_labels(labels, model.scores.indices, report.metrics.protocol);
  };
  for (const ScoredModel& model : models) {
    const torch::Tensor unseen = truth(dataset.labels_unseen, model);
    report.models.push_back(model.name);
    report.zsl.results.push_back(model.result.zsl);
    report.gzsl.results.push_back(model.result.gzsl);
    if (model.result.seen) report.seen.push_back(*model.result.seen);
    report.zsl.curves.push_back(metrics::precision_recall_curve(model.scores.zsl, unseen));
    report.gzsl.curves.push_back(
        metrics::precision_recall_curve(model.scores.gzsl, truth(dataset.labels, model)));
    report.histograms.push_back(score_histogram(model.scores.zsl, unseen));
  }
  report.zsl.labels = label_rows(report.zsl.results, dataset.unseen, 0);
  report.gzsl.labels = label_rows(report.gzsl.results, data::all_labels(dataset), dataset.seen.size());
  report.confusion = confusion_report(models.front().scores.zsl, truth(dataset.labels_unseen, models.front()),
                                      dataset.unseen);
  return report;
}

void report_evaluation(const std::string& folder, const EvaluatedFiles& files, const Evaluated& evaluated,
                       data::DataLoader& loader, session::Session& session) {
  std::vector<ScoredModel> models;
  models.push_back(evaluated_model(model_name(files, evaluated.scoring.kind), evaluated.scored,
                                   evaluated.dataset, files.metrics, session));
  for (ScoredModel& model : score_plain_clip(files, evaluated, loader, session)) {
    models.push_back(std::move(model));
  }
  if (!session.is_main()) return;
  Report report = collect_report(models, evaluated.dataset);
  report.facts = facts(files, evaluated, loader.preprocessing());
  report.examples = make_examples(evaluated, loader.options());
  const std::string path = folder + "/index.html";
  io::write_atomically(path, [&](std::ostream& out) { out << to_html(report); });
  log::info("wrote {}", path);
}

}  // namespace mkt::report
