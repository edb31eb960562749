#pragma once
// One file to deploy: the image encoder, the labels' features and all else that decides scores. `prepare
// export` writes it, `infer --model` reads it.
//
// Safetensors with the image encoder's tensors under OpenAI's names (visual.*), "label_features" (C, D)
// float32, and metadata, all text: "mkt_model" (the format's version), "labels" (JSON list), "template",
// "topk", "score" (mkt, global or local), "image_size" (pixels a side), "features_sha256" (of the features'
// bytes), and where there are any "thresholds" (JSON list of a number a label).

#include "mkt/core/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/train/options.h"
#include "mkt/train/runtime.h"
#include "mkt/train/tagger.h"

namespace mkt::train {

/// What the file says besides tensors.
struct ModelFacts {
  std::vector<std::string> labels;  ///< C
  std::string prompt_template;
  std::int64_t topk = 0;
  model::ScoreKind score = model::ScoreKind::kGlobal;
  std::int64_t image_size = 0;     ///< pixels a side
  std::vector<double> thresholds;  ///< one a label, or none
};

struct ExportedModel {
  ModelFacts facts;
  torch::Tensor label_features;  // (C, D) float32
  clip::TensorMap weights;       // visual.*
};

/// Tensors view a private mapping of the file where aligned. Throws c10::Error naming the file and what does
/// not fit: no exported model, another version, labels, features, thresholds or sizes that differ, features
/// that are not those written.
ExportedModel read_exported_model(const std::string& path);

/// The tagger that `options.model` holds. options.thresholds counts where the file has none. Throws as
/// read_exported_model does, and ValueError naming --thresholds or --min-score where the file's thresholds
/// leave no room for it.
Tagger load_exported_model(const InferOptions& options, const Runtime& runtime);

/// Writes `options.output`, atomically, after everything that may be refused was; returns one line that says
/// what is in it. Label features are those that infer makes of the same options at its own default precision.
/// Throws ValueError naming the flag (--output: there is a file, and no --overwrite), c10::Error naming the
/// file that does not fit or a tensor too large for the precision.
std::string export_model(const ExportOptions& options);

}  // namespace mkt::train
