#pragma once
// Options of infer and prepare export. The commands set every field.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/preprocessing_choice.h"
#include "labels/label_cache.h"
#include "mkt/clip/architecture.h"
#include "mkt/model/scores.h"
#include "scoring/loading.h"
#include "session/session_options.h"
#include "weights/cast.h"

namespace mkt::tagging {

/// Options that determine a tagger's scores.
struct TaggerOptions {
  labels::LabelInputs text;        ///< CLIP weights and text encoder; text.labels is ignored
  std::vector<std::string> label;  ///< labels to choose from
  std::string labels;              ///< file of further labels, one per line; may be empty
  std::string data_path;           ///< data set whose labels are used if no others are given; may be empty
  std::string img_ckpt;            ///< stage-1 checkpoint; empty: plain CLIP
  std::int64_t input_size;         ///< pixels per side; 0: the size stored in the weights
  model::LocalPooling local;       ///< of patches to local scores; scale 0: see artifact::complete_pooling
  std::optional<model::ScoreKind> score;        ///< nullopt: see artifact::choose_score
  artifact::PreprocessingChoice preprocessing;  ///< of images
  std::string thresholds;                       ///< file of thresholds fitted by eval; may be empty
  session::ComputeOptions compute;
  std::string statistics;   ///< file of label statistics for the score standard; may be empty
  double seen_penalty = 0;  ///< of the data set's seen labels (scoring/seen_penalty.h)
  clip::Patches patches = clip::Patches::kLast;
};

/// Options of infer: images, model and output. If the tagger has thresholds, `top` and `min_score` have no
/// effect and must not be given.
struct InferOptions {
  TaggerOptions tagger;
  std::string model;  ///< exported model, replaces `tagger` except its thresholds; may be empty
  std::vector<std::string> image_path;  ///< files, folders, or "-" for standard input
  scoring::Decoding decoding;
  std::int64_t batch_size;  ///< images per batch
  std::int64_t top;         ///< maximum number of labels per image
  double min_score;         ///< minimum score of a label; minus infinity: none
  bool top_given;           ///< whether the user set `top`, perhaps to its default
  bool min_score_given;     ///< whether the user set `min_score`, perhaps to its default
  std::string heatmap;      ///< folder for one heat map per image and label; empty: no heat maps
  std::string annotate;     ///< folder for annotated images; empty: no annotated images
};

/// Options of prepare export: the tagger and the output file.
struct ExportOptions {
  TaggerOptions tagger;
  std::string output;           ///< file to write
  weights::WeightType weights;  ///< dtype of the image encoder
};

}  // namespace mkt::tagging
