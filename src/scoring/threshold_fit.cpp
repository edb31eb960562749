#include "scoring/threshold_fit.h"
#include "io/json.h"

#include <ostream>

#include "artifact/encoders.h"
#include "core/log.h"
#include "core/text.h"
#include "mkt/metrics/thresholds.h"

namespace mkt::scoring {
namespace {

using nlohmann::ordered_json;

std::string score_name(const std::string& name, bool tuned) {
  return model::name_of(artifact::choose_score(name, tuned));
}

ordered_json f1_json(const metrics::ThresholdF1& per_label, const metrics::ThresholdF1& for_all) {
  return {{"thresholds", {{"micro", per_label.micro}, {"macro", per_label.macro}}},
          {"global", {{"micro", for_all.micro}, {"macro", for_all.macro}}}};
}

ordered_json to_json(const metrics::FittedThresholds& fitted, const EvalOptions& options,
                     const std::vector<std::string>& labels, std::int64_t images) {
  const auto* values = fitted.per_label.data_ptr<double>();
  return {{"score", score_name(options.score, !options.zero_shot)},
          {"topk", options.clip.topk},
          {"template", options.clip.prompt_template},
          {"images", images},
          {"labels", labels},
          {"thresholds", std::vector<double>(values, values + fitted.per_label.numel())},
          {"global", fitted.for_all},
          {"f1", f1_json(fitted.per_label_f1, fitted.for_all_f1)},
          {"f1_cross", f1_json(fitted.per_label_cross, fitted.for_all_cross)}};
}

std::string in_words(const std::string& name, const metrics::ThresholdF1& fitted,
                     const metrics::ThresholdF1& cross) {
  const auto percent = [](double value) { return fixed_text(100 * value, 2); };
  return cat(name, ": F1 ", percent(fitted.micro), ", a label's on average ", percent(fitted.macro),
             "; on images not fitted to ", percent(cross.micro), ", ", percent(cross.macro), "\n");
}

}  // namespace

std::string write_thresholds(const EvalOptions& options, const ScoredImages& scored,
                             const data::Dataset& dataset) {
  const auto fitted = metrics::fit_thresholds(scored.gzsl, dataset.labels.dense(scored.indices));
  const ordered_json json =
      to_json(fitted, options, data::all_labels(dataset), static_cast<std::int64_t>(scored.indices.size()));
  io::write_json(options.fit_thresholds, json);
  return in_words("a threshold a label", fitted.per_label_f1, fitted.per_label_cross) +
         in_words("one threshold for all", fitted.for_all_f1, fitted.for_all_cross);
}

}  // namespace mkt::scoring
