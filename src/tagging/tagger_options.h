#pragma once
// What a user can set of infer and prepare export, with its defaults.

#include <cstdint>
#include <string>
#include <vector>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::tagging {

/// What decides the scores of `infer`.
struct TaggerOptions {
  artifact::ClipOptions clip;
  artifact::DataOptions data;  ///< data_path: for its concept files and label_emb.pt; empty: labels are given
  session::ComputeOptions compute;
  std::string img_ckpt;            ///< stage-1 checkpoint; empty: plain CLIP
  std::string txt_ckpt;            ///< stage-2 checkpoint; empty: CLIP's text encoder
  std::string labels;              ///< file, one label a line
  std::vector<std::string> label;  ///< labels on the command line
  std::string score = "auto";      ///< auto: global without img_ckpt, else mkt
  std::string thresholds;          ///< file of eval --fit-thresholds; empty: none
};

/// With thresholds, of the file or of the model, top and min_score have no say.
struct InferOptions : TaggerOptions {
  std::string model;  ///< file of prepare export, in place of all that decides scores; empty: none
  std::vector<std::string> image_path;
  std::int64_t top = 10;
  double min_score = -1;
  bool json = false;
  bool csv = false;
  std::string heatmap;   ///< folder for a heat map a picture and label; empty: none
  std::string annotate;  ///< folder for annotated pictures; empty: none
  std::int64_t batch_size = 16;
};

struct ExportOptions : TaggerOptions {
  std::string output;
  std::string weights = "float32";  ///< float32, float16 or bfloat16, of the image encoder
  bool overwrite = false;
};

}  // namespace mkt::tagging
