#include "tagging/tagger.h"

#include <utility>

#include "artifact/exported_model.h"

namespace mkt::tagging {
namespace {

/// Returns the model's thresholds, or the options' if the model has none: (C) float64; undefined if neither
/// has any.
torch::Tensor choose_thresholds(const InferOptions& options, const artifact::ModelFacts& facts) {
  const std::string& fitted = options.tagger.thresholds;
  if (facts.thresholds.empty()) {
    if (fitted.empty()) return {};
    return artifact::load_thresholds(fitted, facts.labels, {facts.score, facts.topk, facts.prompt_template});
  }
  const auto check_default = [&](const char* name, bool is_default) {
    TORCH_CHECK_VALUE(is_default, name, ": cannot be combined with the model ", options.model,
                      ", which holds thresholds. Drop it, or export the model without thresholds.");
  };
  check_default("thresholds", fitted.empty());
  check_default("min-score", !options.own_limit);
  return torch::tensor(facts.thresholds, torch::kFloat64);
}

}  // namespace

Tagger load_exported_model(const InferOptions& options, const session::Runtime& runtime) {
  artifact::ExportedModel model = artifact::read_exported_model(options.model);
  const torch::Tensor thresholds = choose_thresholds(options, model.facts);
  return {
      std::move(model.facts.labels),
      model.label_features.to(runtime.device),
      clip::make_frozen_vision_encoder(model.weights, options.model, runtime.frozen_dtype(), runtime.device),
      model.facts.topk,
      model.facts.score,
      thresholds};
}

}  // namespace mkt::tagging
