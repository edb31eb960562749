#pragma once
// The numbers of an evaluation report; report_html.h renders them as a page.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "labels/label_cache.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "mkt/metrics/curve.h"
#include "scoring/evaluation.h"

namespace mkt::report {

/// One way of scoring the images: the evaluated model, or plain CLIP for comparison.
struct ScoredModel {
  std::string name;
  scoring::ScoredImages scores;
  scoring::EvaluationResult result;
};

/// A label's average precision, in the order of Report::models.
struct LabelRow {
  std::string label;
  bool unseen = true;
  std::int64_t images = 0;  ///< number of images with the label
  std::vector<double> average_precision;
};

/// One setting (ZSL or GZSL); vectors in the order of Report::models.
struct SettingReport {
  std::vector<scoring::SettingResult> results;
  std::vector<std::vector<metrics::CurvePoint>> curves;
  std::vector<LabelRow> labels;  ///< labels that at least one image has, best first for the first model
};

/// Histograms of the scores of present and of absent labels; the shares of each sum to 1.
struct ScoreHistogram {
  double low = 0;
  double high = 0;
  std::vector<double> present;  ///< empty if no label is annotated
  std::vector<double> absent;
};

/// Confusion among the unseen labels most often confused.
struct ConfusionReport {
  std::vector<std::string> labels;
  std::vector<std::vector<double>>
      share;  ///< [a][b]: share of images with a and without b in which b scores higher
  std::vector<std::vector<std::int64_t>> images;  ///< [a][b]: images with a and without b
};

struct Prediction {
  std::string label;
  double score = 0;
  int truth = 0;  ///< 1 present, 0 not annotated, -1 absent
  bool unseen = false;
};

struct Example {
  std::string name;                ///< name of the image
  double average_precision = 0;    ///< average precision of the image's unseen labels
  std::string picture;             ///< PNG file
  std::string heatmap;             ///< PNG file: heat map for the best unseen label
  std::vector<Prediction> unseen;  ///< best of the unseen labels
  std::vector<Prediction> all;     ///< best of all labels
  std::vector<Prediction> truth;   ///< labels that are present, unseen ones first
};

struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  ///< properties of the evaluation: name and value
  std::vector<std::string> models;                         ///< the evaluated one, then plain CLIP
  std::int64_t images = 0;
  SettingReport zsl;
  SettingReport gzsl;
  std::vector<ScoreHistogram> histograms;  ///< ZSL scores, in the order of models
  ConfusionReport confusion;               ///< the first model's, ZSL
  std::vector<Example> examples;           ///< from the best ranked image to the worst
};

/// The report without facts and examples. `models` holds at least one.
Report collect_report(const std::vector<ScoredModel>& models, const data::Dataset& dataset);

ScoreHistogram score_histogram(const torch::Tensor& scores, const torch::Tensor& labels,
                               std::int64_t bins = 40);

/// The `count` labels with the most confusion, from scores and labels (N, C).
ConfusionReport confusion_report(const torch::Tensor& scores, const torch::Tensor& labels,
                                 const std::vector<std::string>& names, std::int64_t count = 10);

/// The data, models and scores of an evaluation.
struct Evaluated {
  const data::Dataset& dataset;
  const clip::TensorMap& clip;
  const clip::FrozenVisionEncoder& encoder;
  const scoring::ScoringOptions& scoring;
  const scoring::ScoredImages& scored;
};

/// At most `count` images, spread evenly over all that have an unseen label, from the best ranked (by the
/// average precision of their own unseen labels) to the worst. Reads them again as `loading` says, and
/// encodes them.
std::vector<Example> make_examples(const Evaluated& evaluated, const data::LoaderOptions& loading,
                                   std::int64_t count = 8);

/// The files behind an evaluation, which the report names.
struct EvaluatedFiles {
  std::string data_path;
  std::string ckpt_path;       ///< stage-1 checkpoint; empty: plain CLIP
  labels::LabelInputs labels;  ///< of the evaluated label features
};

/// Scores the loader's images with plain CLIP as well (every rank takes part), then writes index.html to
/// `folder` on rank 0.
void report_evaluation(const std::string& folder, const EvaluatedFiles& files, const Evaluated& evaluated,
                       data::DataLoader& loader, session::Session& session);

}  // namespace mkt::report
