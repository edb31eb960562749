#pragma once
// The CLIP and the data that everything starts from. Names are the flags', with underscores.

#include <cstdint>
#include <string>

namespace mkt::artifact {

/// The CLIP that everything starts from.
struct ClipOptions {
  std::string clip_path;
  std::string bpe_path;  ///< empty: beside the executables
  std::string prompt_template = "There is a {} in the scene";
  std::string phrases;          ///< file of several sentences a label (phrases.h); empty: the template alone
  std::int64_t topk = 16;       ///< best patches of an image for a label
  std::int64_t input_size = 0;  ///< pixels a side; 0: the weights' own
  std::string cache;            ///< folder of label features; empty: default_cache_folder()
  bool no_cache = false;
};

struct DataOptions {
  std::string data_path;
  std::int64_t workers = 8;
  std::string on_bad_image = "error";
  bool fast_decode = false;  ///< JPEGs shrunk while they are decoded (image::Decoding::kFast)
};

}  // namespace mkt::artifact
