#include "tagging/tagger.h"

#include <fmt/core.h>

#include <utility>

#include "artifact/exported_model.h"

namespace mkt::tagging {
namespace {

void refuse(const char* name, bool given, const std::string& thresholds) {
  TORCH_CHECK_VALUE(!given, name, ": cannot be combined with ", thresholds, ". Drop one of the two.");
}

/// Returns the model's thresholds, or the options' if the model has none; undefined if neither has any.
artifact::Thresholds choose_thresholds(const InferOptions& options, const artifact::ModelFacts& facts) {
  const std::string& fitted = options.tagger.thresholds;
  if (facts.thresholds.empty()) {
    if (fitted.empty()) return {};
    return artifact::load_thresholds(fitted, facts.labels, facts.scores());
  }
  const std::string own = fmt::format("the model {}, which holds thresholds", options.model);
  refuse("thresholds", !fitted.empty(), own);
  refuse_limits(options, own);
  return {torch::tensor(facts.thresholds, torch::kFloat64), facts.calibration};
}

}  // namespace

void refuse_limits(const InferOptions& options, const std::string& thresholds) {
  refuse("top", options.top_given, thresholds);
  refuse("min-score", options.min_score_given, thresholds);
}

Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime) {
  artifact::ExportedModel model = artifact::read_exported_model(options.model);
  artifact::Thresholds thresholds = choose_thresholds(options, model.facts);
  artifact::log_preprocessing(model.facts.preprocessing, model.facts.image_size);
  return {std::move(model.facts.labels),
          model.label_features.to(runtime.device),
          clip::make_frozen_vision_encoder(model.weights, runtime.frozen_dtype(), runtime.device),
          model.facts.local,
          model::on_device(model.facts.score, runtime.device),
          model.facts.preprocessing,
          std::move(thresholds),
          model.facts.seen_penalty,
          model.facts.seen_labels};
}

}  // namespace mkt::tagging
