#pragma once
// One file to deploy: image encoder, label features and everything else that determines scores. `prepare
// export` writes it, `infer` reads it.
//
// Safetensors with the image encoder's tensors under OpenAI's names (visual.*), "label_features" (C, D)
// float32, and metadata, all text: "mkt_model" (the format's version), "labels" (JSON list), "template",
// "topk", "score" (mkt, global or local), "image_size" (pixels per side), "features_sha256" (digest of the
// features' bytes), and optionally "thresholds" (JSON list with one number per label).

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

/// The file's metadata.
struct ModelFacts {
  std::vector<std::string> labels;  ///< C
  std::string prompt_template;
  std::int64_t topk = 0;
  model::ScoreKind score = model::ScoreKind::kGlobal;
  std::int64_t image_size = 0;     ///< pixels per side
  std::vector<double> thresholds;  ///< one per label, or empty
};

struct ExportedModel {
  ModelFacts facts;
  torch::Tensor label_features;  // (C, D) float32
  clip::TensorMap weights;       // visual.*
};

/// Aligned tensors are views of a private mapping of the file. Throws c10::Error naming the file and the
/// mismatch: not an exported model, another version, labels, features, thresholds or sizes that do not fit
/// together, changed features.
ExportedModel read_exported_model(const std::string& path);

/// Writes the file atomically. Throws c10::Error naming the file if it cannot be written.
void write_exported_model(const std::string& path, const ExportedModel& model);

}  // namespace mkt::artifact
