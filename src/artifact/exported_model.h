#pragma once
// An exported model: a single file for deployment, with the image encoder, the label features and everything
// else that determines scores. `prepare export` writes it, `infer` reads it.
//
// The format is safetensors. Tensors: the image encoder under OpenAI's names (visual.*), and "label_features"
// (C, D) float32. Metadata, all text: "mkt_model" (version of the format), "mkt_clip" (what the tensors do
// not show, artifact/clip_facts.h; absent in version 1, which means OpenAI's architecture), "labels" (JSON
// list), "template", "topk", "score" (a kind of score), "image_size" (pixels per side), "features_sha256"
// (SHA-256 of the label features), and optionally: "logit_scale" (factor of the score probability),
// "preprocessing" (JSON; absent: MKT's for 224 pixels), "thresholds" (JSON list with one number per label),
// "calibration" (JSON list of slope and intercept), "phrases_sha256", "image_sha256", "text_sha256" (what
// thresholds are compared by). A file with another pooling of patches than the best ones has "local" (a kind)
// and "local_scale" instead of "topk"; one with the score standard the tensors "score_mean" and
// "score_deviation" (C) float32; one with a penalty "seen_penalty" (JSON list of one number) and
// "seen_labels" (the number of labels, from the first, that it applies to); one with patches that attend to
// themselves "patches" (self). These have version 3, which earlier programs refuse.

#include "mkt/torch.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/threshold_file.h"
#include "mkt/clip/weights.h"
#include "mkt/image/preprocessing.h"
#include "mkt/metrics/calibration.h"
#include "mkt/model/scores.h"

namespace mkt::artifact {

/// Metadata of an exported model.
struct ModelFacts {
  std::vector<std::string> labels;  ///< C labels
  std::string prompt_template;      ///< sentence with {} in place of the label
  model::LocalPooling local;        ///< of patches to local scores
  model::ScoreRule score = model::ScoreKind::kGlobal;
  std::int64_t image_size = 0;                      ///< pixels per side
  image::Preprocessing preprocessing;               ///< of images
  std::vector<double> thresholds;                   ///< one per label, or empty
  std::optional<metrics::Calibration> calibration;  ///< of the scores, with thresholds
  std::string phrases_sha256;                       ///< as in ThresholdScores, also the next two
  std::string image_sha256;
  std::string text_sha256;
  double seen_penalty = 0;       ///< of the first `seen_labels` labels, in deviations of the scores
  std::int64_t seen_labels = 0;  ///< number of labels seen in training; 0 without a penalty
  clip::Patches patches = clip::Patches::kLast;

  /// Description of the model's scores.
  ThresholdScores scores() const;
};

/// Digest of label statistics for ThresholdScores; "" if they are undefined.
std::string digest_of(const model::LabelStatistics& statistics);

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
