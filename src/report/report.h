#pragma once
// Collects the contents of an evaluation report; report_html.h renders them as a page.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "artifact/preprocessing_choice.h"
#include "labels/label_cache.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "mkt/metrics/curve.h"
#include "scoring/evaluation.h"

namespace mkt::report {

/// Scores and metrics of one model: the evaluated one, or plain CLIP for comparison.
struct ScoredModel {
  std::string name;  ///< heading in the report
  scoring::ScoredImages scores;
  scoring::EvaluationResult result;
};

/// A label and its average precision.
struct LabelRow {
  std::string label;
  bool unseen = true;
  std::int64_t images = 0;                ///< number of images with the label
  std::vector<double> average_precision;  ///< one per model, in the order of Report::models
};

/// Results of one setting (ZSL or GZSL); `results` and `curves` have one element per model, in the order of
/// Report::models.
struct SettingReport {
  std::vector<scoring::SettingResult> results;
  std::vector<std::vector<metrics::CurvePoint>> curves;
  std::vector<LabelRow> labels;  ///< labels with a positive image, sorted by the first model's average
                                 ///< precision, highest first
};

/// Histograms of the scores of present and of absent labels over the same bins. The shares of each sum to 1.
struct ScoreHistogram {
  double low = 0;               ///< lower end of the first bin
  double high = 0;              ///< upper end of the last bin
  std::vector<double> present;  ///< share per bin; empty if no label is annotated
  std::vector<double> absent;   ///< share per bin; empty if no label is annotated
};

/// Frequency with which an absent label outscores a present one, for the labels most often involved.
struct ConfusionReport {
  std::vector<std::string> labels;
  /// [a][b]: share of the images with a and without b in which b scores higher
  std::vector<std::vector<double>> share;
  std::vector<std::vector<std::int64_t>> images;  ///< [a][b]: number of images with a and without b
};

/// A label's score in an image, and whether the image has the label.
struct Prediction {
  std::string label;
  double score = 0;
  int truth = 0;  ///< 1 present, 0 not annotated, -1 absent
  bool unseen = false;
};

/// An example image in the report.
struct Example {
  std::string name;                ///< name in the data set's list
  double average_precision = 0;    ///< average precision of the image's unseen labels
  std::string image;               ///< image encoded as PNG
  std::string heatmap;             ///< heat map of the best unseen label, encoded as PNG
  std::vector<Prediction> unseen;  ///< unseen labels with the highest scores
  std::vector<Prediction> all;     ///< labels with the highest scores
  std::vector<Prediction> truth;   ///< present labels, unseen ones first
};

/// Contents of the report.
struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  ///< name and value of each file and size
  std::vector<std::string> models;  ///< model names: the evaluated one, then plain CLIP
  std::int64_t images = 0;          ///< number of scored images
  SettingReport zsl;
  SettingReport gzsl;
  std::vector<ScoreHistogram> histograms;  ///< ZSL scores, in the order of models
  ConfusionReport confusion;               ///< the first model's ZSL scores
  std::vector<Example> examples;           ///< from the best ranked image to the worst
};

/// Collects the report, except facts and examples. `models` has at least one model; all were scored on
/// `dataset`.
Report collect_report(const std::vector<ScoredModel>& models, const data::Dataset& dataset);

/// Computes the score histogram from scores (N, C) and labels (N, C) in {-1, 0, 1}. Labels that are not
/// annotated (0) are ignored.
ScoreHistogram score_histogram(const torch::Tensor& scores, const torch::Tensor& labels,
                               std::int64_t bins = 40);

/// Computes the confusion among the `count` labels most often involved, from scores (N, C) and labels (N, C);
/// `names` are the C label names. Labels that are never involved are left out.
ConfusionReport confusion_report(const torch::Tensor& scores, const torch::Tensor& labels,
                                 const std::vector<std::string>& names, std::int64_t count = 10);

/// Data set, models, options and scores of an evaluation.
struct Evaluated {
  const data::Dataset& dataset;
  const clip::Weights& clip;
  const clip::FrozenVisionEncoder& encoder;
  const scoring::ScoringOptions& scoring;
  const scoring::ScoredImages& scored;
  double seen_penalty = 0;  ///< of the evaluated model in GZSL
};

/// Selects at most `count` images that have an unseen label, spread evenly from best to worst by the average
/// precision of the image's own unseen labels. Reads them again with the options `loading` and encodes them.
/// Throws ValueError if `count` is less than 2.
std::vector<Example> make_examples(const Evaluated& evaluated, const data::LoaderOptions& loading,
                                   std::int64_t count = 8);

/// Files used by an evaluation, listed in the report.
struct EvaluatedFiles {
  std::string data_path;                        ///< data set
  std::string ckpt_path;                        ///< stage-1 checkpoint; empty: plain CLIP
  labels::LabelInputs labels;                   ///< inputs of the evaluated label features
  artifact::PreprocessingChoice preprocessing;  ///< as options ask for it
};

/// Scores the loader's images with plain CLIP as well, under plain CLIP's preprocessing, by the cosine, the
/// global and the MKT score and, if the weights have a logit scale, the probability, on every rank; then
/// writes the report to index.html in `folder` on rank 0. Throws as scoring::score_images does, and
/// c10::Error naming the file if it cannot be written.
void report_evaluation(const std::string& folder, const EvaluatedFiles& files, const Evaluated& evaluated,
                       data::DataLoader& loader, session::Session& session);

}  // namespace mkt::report
