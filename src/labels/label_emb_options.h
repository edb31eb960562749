#pragma once
// What a user can set of prepare label-emb, with its defaults.

#include <cstdint>
#include <string>

#include "artifact/input_options.h"
#include "session/session_options.h"

namespace mkt::labels {

struct LabelEmbOptions {
  artifact::ClipOptions clip;
  session::ComputeOptions compute;
  std::string data_path;
  std::string output;  ///< empty: label_emb.pt in data_path
};

}  // namespace mkt::labels
