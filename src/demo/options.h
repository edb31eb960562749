#pragma once
// Options of the demo's commands.

#include <cstdint>
#include <string>
#include <vector>

#include "session/session_options.h"

namespace mkt::demo {

struct DataSetOptions {
  std::string output;  ///< folder to write: new or empty
  std::int64_t seed;   ///< seed of the images
  std::int64_t split;  ///< seed of the choice of unseen labels
  std::int64_t train;
  std::int64_t validation;  ///< images for the choice of hyper-parameters; 0: none
  std::int64_t test;
  std::int64_t single;  ///< images of one object; 0: none
  std::int64_t workers;
};

struct PretrainingOptions {
  std::string output;
  std::string bpe_path;  ///< BPE merges; empty: those beside the executables
  session::ComputeOptions compute;
  std::int64_t seed;
  std::int64_t pictures;
  std::int64_t single;        ///< images of one object
  std::int64_t first_steps;   ///< steps on all images
  std::int64_t single_steps;  ///< steps on images of one object, in which the shapes are learned
  std::int64_t last_steps;    ///< further steps on all images
  std::int64_t batch_size;
  double lr;
};

struct PointingOptions {
  std::string clip_path;
  std::string bpe_path;  ///< BPE merges; empty: those beside the executables
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
  std::string json;   ///< JSON file to write
  std::int64_t seed;  ///< seed of the random scores
};

struct SpreadOptions {
  std::vector<std::string> summaries;
  std::string json;  ///< JSON file to write; empty: none
};

}  // namespace mkt::demo
