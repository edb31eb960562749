#pragma once
// An exported model: a single file for deployment, with the image encoder, the label features and everything
// else that determines scores. `prepare export` writes it, `infer` reads it.
//
// The format is safetensors. Tensors: the image encoder under OpenAI's names (visual.*), and "label_features"
// (C, D) float32. Metadata, all text: "mkt_model" (version of the format), "mkt_clip" (what the tensors do
// not show, artifact/clip_facts.h; absent in version 1, which means OpenAI's architecture), "labels" (JSON
// list), "template", "topk", "score" (mkt, global or local), "image_size" (pixels per side),
// "features_sha256" (SHA-256 of the label features), and optionally "thresholds" (JSON list with one number
// per label).

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/weights.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

/// Metadata of an exported model.
struct ModelFacts {
  std::vector<std::string> labels;  ///< C labels
  std::string prompt_template;      ///< sentence with {} in place of the label
  std::int64_t topk = 0;            ///< number of best-scoring patches per label
  model::ScoreKind score = model::ScoreKind::kGlobal;
  std::int64_t image_size = 0;     ///< pixels per side
  std::vector<double> thresholds;  ///< one per label, or empty
};

/// Contents of an exported model.
struct ExportedModel {
  ModelFacts facts;
  torch::Tensor label_features;  // (C, D) float32
  clip::Weights weights;         // the image encoder: visual.*
};

/// Reads and checks an exported model. Aligned tensors are views into a private memory mapping of the file.
/// Throws c10::Error naming the file if it is not an exported model or has another format version, if its
/// label features do not match their digest, or if labels, features, thresholds and sizes are inconsistent.
ExportedModel read_exported_model(const std::string& path);

/// Writes an exported model atomically. Throws c10::Error naming the file if it cannot be written.
void write_exported_model(const std::string& path, const ExportedModel& model);

}  // namespace mkt::artifact
