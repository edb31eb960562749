#include "tagging/tagger.h"

#include <utility>

#include "artifact/exported_model.h"

namespace mkt::tagging {
namespace {

/// The file's own thresholds, else those of --thresholds; (C) float64, undefined where there are none.
torch::Tensor choose_thresholds(const InferOptions& options, const artifact::ModelFacts& facts) {
  if (facts.thresholds.empty()) {
    if (options.thresholds.empty()) return {};
    return artifact::load_thresholds(options.thresholds, facts.labels,
                                     {facts.score, facts.topk, facts.prompt_template});
  }
  const auto refuse = [&](const char* flag, const auto& got) {
    TORCH_CHECK_VALUE(false, flag, ": expected none beside --model ", options.model,
                      ", which holds thresholds, got ", got, ". Drop it, or export without thresholds.");
  };
  if (!options.thresholds.empty()) refuse("--thresholds", options.thresholds);
  if (options.min_score != InferOptions().min_score) refuse("--min-score", options.min_score);
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
