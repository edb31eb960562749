#pragma once
// The inputs of infer and prepare export, filled by the commands.

#include <cstdint>
#include <string>
#include <vector>

#include "labels/label_cache.h"
#include "mkt/model/scores.h"
#include "scoring/loading.h"
#include "session/session_options.h"

namespace mkt::tagging {

/// Everything that determines the scores of a tagger.
struct TaggerOptions {
  labels::LabelInputs text;        ///< CLIP weights and text side; its `labels` are ignored
  std::vector<std::string> label;  ///< labels to choose among
  std::string labels;              ///< file of further ones, one label per line; empty: none
  std::string data_path;           ///< data set whose labels are used if no others are given
  std::string img_ckpt;            ///< stage-1 checkpoint; empty: plain CLIP
  std::int64_t input_size;         ///< pixels per side; 0: the weights' own
  std::int64_t topk;               ///< best patches of an image per label
  model::ScoreKind score;
  std::string thresholds;  ///< file of thresholds fitted by eval; empty: none
  session::ComputeOptions compute;
};

/// With thresholds, of the file or of the model, `top` and `min_score` are ignored.
struct InferOptions {
  TaggerOptions tagger;
  std::string model;  ///< file of prepare export, used instead of `tagger` except its thresholds; empty: none
  std::vector<std::string> image_path;
  scoring::Decoding decoding;
  std::int64_t batch_size;
  std::int64_t top;      ///< labels per image
  double min_score;      ///< lower scores are left out
  bool own_limit;        ///< whether `min_score` was asked for
  std::string heatmap;   ///< folder for a heat map per image and label; empty: none
  std::string annotate;  ///< folder for annotated images; empty: none
};

/// The dtype of an exported image encoder.
enum class WeightType { kFloat32, kFloat16, kBFloat16 };

struct ExportOptions {
  TaggerOptions tagger;
  std::string output;
  WeightType weights;
};

}  // namespace mkt::tagging

template <>
struct mkt::Names<mkt::tagging::WeightType> {
  static constexpr NameTable<tagging::WeightType, 3> kTable{{{tagging::WeightType::kFloat32, "float32"},
                                                             {tagging::WeightType::kFloat16, "float16"},
                                                             {tagging::WeightType::kBFloat16, "bfloat16"}}};
};
