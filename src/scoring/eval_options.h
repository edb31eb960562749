#pragma once
// What a user can set of eval, with its defaults.

#include <cstdint>
#include <string>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::scoring {

struct EvalOptions {
  artifact::ClipOptions clip;
  artifact::DataOptions data;
  session::ComputeOptions compute;
  session::RankOptions ranks;
  std::string ckpt_path;  ///< stage-1 checkpoint
  std::string eval_ckpt;  ///< stage-2 checkpoint; empty: labels from label_emb.pt or CLIP
  bool zero_shot = false;
  std::string score = "auto";  ///< auto: global for --zero-shot, else mkt
  std::int64_t test_batch_size = 64;
  std::int64_t limit_eval_images = 0;
  std::string json;            ///< result file; empty: none
  std::string save_scores;     ///< safetensors file; empty: none
  std::string fit_thresholds;  ///< JSON file; empty: none
  std::string report;          ///< folder for index.html; empty: none
};

inline const session::RankOptions& ranks_of(const EvalOptions& options) {
  return options.ranks;
}

}  // namespace mkt::scoring
