#pragma once
// One file to deploy: the image encoder, the labels' features and all else that decides scores. `prepare
// export` writes it, `infer --model` reads it.
//
// Safetensors with the image encoder's tensors under OpenAI's names (visual.*), "label_features" (C, D)
// float32, and metadata, all text: "mkt_model" (the format's version), "labels" (JSON list), "template",
// "topk", "score" (mkt, global or local), "image_size" (pixels a side), "features_sha256" (of the features'
// bytes), and where there are any "thresholds" (JSON list of a number a label).

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

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

/// Writes it in one step. Throws c10::Error naming the file that cannot be written.
void write_exported_model(const std::string& path, const ExportedModel& model);

}  // namespace mkt::artifact
