#pragma once
// Options of the demo's commands.

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/clip/architecture.h"
#include "session/session_options.h"
#include "world/world.h"

namespace mkt::demo {

struct PretrainingOptions {
  std::string output;
  std::string bpe_path;  ///< BPE merges; empty: those beside the executables
  session::ComputeOptions compute;
  std::int64_t seed;
  std::int64_t pictures;
  std::int64_t single;        ///< number of images with one object
  std::int64_t first_steps;   ///< steps of the first phase, on all images
  std::int64_t single_steps;  ///< steps of the second phase, on images with one object: learns the shapes
  std::int64_t last_steps;    ///< steps of the third phase, on all images
  std::int64_t batch_size;
  double lr;
  WorldKind world = WorldKind::kShapes;
};

struct PointingOptions {
  std::string clip_path;
  std::string bpe_path;  ///< BPE merges; empty: those beside the executables
  session::ComputeOptions compute;
  std::string data_path;
  std::string ckpt_path;  ///< stage-1 checkpoint; empty: plain CLIP
  std::string json;       ///< JSON file to write; empty: none
  clip::Patches patches = clip::Patches::kLast;
};

struct SummaryOptions {
  std::string data_path;
  std::string zero_shot;  ///< JSON results of eval, as are the next five
  std::string zero_shot_global;
  std::string zero_shot_cosine;       ///< may be empty
  std::string zero_shot_probability;  ///< may be empty
  std::string stage1;
  std::string stage2;
  std::string json;                ///< JSON file to write
  std::int64_t seed;               ///< seed for the random scores
  std::string recommended_stage1;  ///< stages trained by the recommended recipe; may be empty
  std::string recommended_stage2;
};

struct ComparisonOptions {
  std::string cells;  ///< table of results (comparison.h)
  std::string json;   ///< JSON file to write; empty: none
};

struct SpreadOptions {
  std::vector<std::string> summaries;
  std::string json;  ///< JSON file to write; empty: none
};

}  // namespace mkt::demo
