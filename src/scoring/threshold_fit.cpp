#include "scoring/threshold_fit.h"

#include <fmt/core.h>

#include "core/log.h"
#include "core/text.h"
#include "io/json.h"
#include "mkt/metrics/calibration.h"
#include "mkt/metrics/thresholds.h"

namespace mkt::scoring {
namespace {

using nlohmann::ordered_json;

ordered_json f1_json(const metrics::ThresholdF1& per_label, const metrics::ThresholdF1& for_all) {
  return {{"thresholds", {{"micro", per_label.micro}, {"macro", per_label.macro}}},
          {"global", {{"micro", for_all.micro}, {"macro", for_all.macro}}}};
}

ordered_json to_json(const metrics::FittedCalibration& fitted) {
  return {{"slope", fitted.calibration.slope},
          {"intercept", fitted.calibration.intercept},
          {"ece", {{"before", fitted.error_before}, {"after", fitted.error_after}}}};
}

ordered_json to_json(const metrics::FittedThresholds& fitted, const std::vector<std::string>& labels,
                     std::int64_t images) {
  const auto* values = fitted.per_label.data_ptr<double>();
  return {{"images", images},
          {"labels", labels},
          {"thresholds", std::vector<double>(values, values + fitted.per_label.numel())},
          {"global", fitted.for_all},
          {"f1", f1_json(fitted.per_label_f1, fitted.for_all_f1)},
          {"f1_cross", f1_json(fitted.per_label_cross, fitted.for_all_cross)}};
}

/// Formats the F1 of one kind of threshold as a line for the terminal, in percent.
std::string in_words(const std::string& name, const metrics::ThresholdF1& fitted,
                     const metrics::ThresholdF1& cross) {
  const auto percent = [](double value) { return fixed_text(100 * value, 2); };
  return fmt::format("{}: F1 {}, mean over labels {}; cross-validated {}, {}\n", name, percent(fitted.micro),
                     percent(fitted.macro), percent(cross.micro), percent(cross.macro));
}

}  // namespace

std::string write_thresholds(const std::string& path, const artifact::ThresholdScores& scores,
                             const ScoredImages& scored, const data::Dataset& dataset) {
  const torch::Tensor labels = dataset.labels.dense(scored.indices);  // (N, S + U)
  const metrics::FittedThresholds fitted = metrics::fit_thresholds(scored.gzsl, labels);
  ordered_json content = artifact::scores_json(scores);
  content.update(
      to_json(fitted, data::all_labels(dataset), static_cast<std::int64_t>(scored.indices.size())));
  std::string calibrated;
  if (labels.eq(-1).any().item<bool>()) {
    const metrics::FittedCalibration calibration = metrics::fit_calibration(scored.gzsl, labels);
    content["calibration"] = to_json(calibration);
    if (calibration.calibration.slope <= 0)
      log::warning(
          "fit-thresholds: the fitted probabilities fall as scores rise, so these scores do not tell present "
          "labels from absent ones");
    calibrated =
        fmt::format("probabilities: expected calibration error {:.4f}; of the scores themselves {:.4f}\n",
                    calibration.error_after, calibration.error_before);
  } else {
    log::warning("fit-thresholds: no label is annotated as absent, so no probabilities are fitted");
  }
  io::write_json(path, content);
  return in_words("one threshold per label", fitted.per_label_f1, fitted.per_label_cross) +
         in_words("one threshold for all", fitted.for_all_f1, fitted.for_all_cross) + calibrated;
}

}  // namespace mkt::scoring
