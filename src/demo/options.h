#pragma once
// Options of the demo's commands. Option lists include only this header of the room, so that `prepare` is the
// only program that links OpenCV.

#include <cstdint>
#include <string>
#include <vector>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::demo {

struct DataSetOptions {
  std::string output;      ///< folder to write: new or empty
  std::int64_t seed = 0;   ///< seed of the images
  std::int64_t split = 0;  ///< seed of the choice of unseen labels
  std::int64_t train = 6000;
  std::int64_t validation = 3000;  ///< images for the choice of hyper-parameters; 0: none
  std::int64_t test = 3000;
  std::int64_t single = 500;  ///< images of one object; 0: none
  std::int64_t workers = 2;
};

struct PretrainingOptions {
  std::string output;
  std::string bpe_path;  ///< BPE merges; empty: those beside the executables
  session::ComputeOptions compute;
  std::int64_t seed = 1;
  std::int64_t pictures = 30000;
  std::int64_t single = 6000;       ///< images of one object
  std::int64_t first_steps = 600;   ///< steps on all images
  std::int64_t single_steps = 300;  ///< steps on images of one object, in which the shapes are learned
  std::int64_t last_steps = 1100;   ///< further steps on all images
  std::int64_t batch_size = 128;
  double lr = 1e-3;
};

struct PointingOptions {
  artifact::ClipOptions clip;
  session::ComputeOptions compute;
  std::string data_path;
  std::string ckpt_path;  ///< stage-1 checkpoint; empty: plain CLIP
  std::string json;       ///< JSON file to write; empty: none
};

struct SummaryOptions {
  std::string data_path;
  std::string zero_shot;  ///< this and the next three: JSON results of eval
  std::string zero_shot_global;
  std::string stage1;
  std::string stage2;
  std::string json;       ///< JSON file to write
  std::int64_t seed = 0;  ///< seed of the random scores
};

struct SpreadOptions {
  std::vector<std::string> summaries;
  std::string json;  ///< JSON file to write; empty: none
};

}  // namespace mkt::demo
