#pragma once
// What a user can set of the demo, with its defaults. The programs' option lists need this header and nothing
// else of the room, so that `prepare` alone links OpenCV.

#include <cstdint>
#include <string>
#include <vector>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::demo {

struct DataSetOptions {
  std::string output;      ///< folder, new or empty
  std::int64_t seed = 0;   ///< of the pictures
  std::int64_t split = 0;  ///< which labels are unseen
  std::int64_t train = 6000;
  std::int64_t validation = 3000;  ///< pictures to choose hyper-parameters by; 0: none
  std::int64_t test = 3000;
  std::int64_t single = 500;  ///< pictures of one object; 0: none
  std::int64_t workers = 2;
};

struct PretrainingOptions {
  std::string output;
  std::string bpe_path;  ///< empty: beside the executables
  session::ComputeOptions compute;
  std::int64_t seed = 1;
  std::int64_t pictures = 30000;
  std::int64_t single = 6000;       ///< pictures of one object
  std::int64_t first_steps = 600;   ///< on all pictures
  std::int64_t single_steps = 300;  ///< on pictures of one object: here the shapes are learned
  std::int64_t last_steps = 1100;   ///< on all pictures again
  std::int64_t batch_size = 128;
  double lr = 1e-3;
};

struct PointingOptions {
  artifact::ClipOptions clip;
  session::ComputeOptions compute;
  std::string data_path;
  std::string ckpt_path;  ///< stage-1 checkpoint; empty: plain CLIP
  std::string json;       ///< result file; empty: none
};

struct SummaryOptions {
  std::string data_path;
  std::string zero_shot;  ///< this and the next three: files of `eval --json`
  std::string zero_shot_global;
  std::string stage1;
  std::string stage2;
  std::string json;       ///< result file
  std::int64_t seed = 0;  ///< of chance
};

struct SpreadOptions {
  std::vector<std::string> summaries;
  std::string json;  ///< result file; empty: none
};

}  // namespace mkt::demo
