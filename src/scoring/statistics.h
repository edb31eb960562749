#pragma once
// Statistics of standardised scores over training images, by which the score `standard` compares labels, and
// their file. Source: SPARC (arXiv 2502.16911), with training images in place of test images.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/model/scores.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// Accumulates mean and standard deviation per label, in float64.
class Moments {
 public:
  explicit Moments(std::int64_t labels);

  void add(const torch::Tensor& scores);  // (B, labels), on any device
  /// Adds the images of the other ranks, on every rank.
  void reduce(distributed::Communicator& ranks);
  std::int64_t images() const;
  /// Deviations have N − 1 degrees of freedom. Throws ValueError naming a label of `names` whose scores are
  /// all equal, or limit-statistics-images for fewer than two images. `setting`: for the message.
  model::LabelStatistics finish(const std::vector<std::string>& names, const std::string& setting) const;

 private:
  torch::Tensor count_;    // (1) float64
  torch::Tensor sum_;      // (labels) float64
  torch::Tensor squares_;  // (labels) float64
};

/// Statistics of one label list: labels are compared within it.
struct LabelledStatistics {
  std::vector<std::string> labels;
  model::LabelStatistics statistics;
};

/// Statistics of the settings that a data set is evaluated in.
struct Statistics {
  std::int64_t images = 0;  ///< number of images that they were computed from
  std::vector<LabelledStatistics> settings;

  /// Returns those of exactly these labels. Throws c10::Error naming `path`, and the first label that
  /// differs.
  model::LabelStatistics of(const std::vector<std::string>& labels, const std::string& path) const;
};

/// Returns the label lists that are scored on their own: unseen labels, all labels, each label set.
std::vector<std::vector<std::string>> label_lists(const data::Dataset& dataset);

/// Scores the images of `loader`, which are divided among the ranks, and computes the statistics of each list
/// of label_lists(dataset); the same on every rank. Needs memory for one batch. Throws as score_images() and
/// Moments::finish() do.
Statistics fit_statistics(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, const data::Dataset& dataset,
                          session::Session& session);

/// Writes the statistics as JSON: what artifact::scores_json() says of `scores`, "images", "settings":
/// [{"labels", "mean", "deviation"}].
void write_statistics(const std::string& path, const artifact::ThresholdScores& scores,
                      const Statistics& statistics);

/// Reads write_statistics()'s file. Throws c10::Error naming it if it is another file or was written with
/// other weights, ValueError as artifact::check_scores() does for other scores.
Statistics read_statistics(const std::string& path, const artifact::ThresholdScores& scores);

}  // namespace mkt::scoring
