#pragma once
// Tensors computed from a formula instead of read from files. Source: tests/data/golden/README.md, "Weights
// by formula".

#include "mkt/torch.h"

#include <map>
#include <string>
#include <vector>

namespace mkt::test {

/// Returns the path of a file under tests/data/golden; the environment variable MKT_TEST_DATA replaces
/// tests/data where the tests run on another machine.
std::string golden(const std::string& name);

/// Makes a float32 tensor with pseudo-random values, uniform in [low, high), that depend only on `key`.
torch::Tensor formula_tensor(const std::string& key, const std::vector<std::int64_t>& shape, double low,
                             double high);

/// Sizes of a CLIP model with a vision transformer; the defaults are ViT-B/16's.
struct ClipShape {
  std::int64_t embed_dim = 512;
  std::int64_t patch = 16;
  std::int64_t grid = 14;
  std::int64_t vision_width = 768;
  std::int64_t vision_layers = 12;
  std::int64_t context = 77;
  std::int64_t vocab = 49408;
  std::int64_t text_width = 512;
  std::int64_t text_layers = 12;
};

/// Sizes of the golden tiny CLIP: 4 vision layers and 3 text layers of width 128, images of 64 × 64 pixels.
ClipShape tiny_clip_shape();

/// Makes a CLIP state dict with OpenAI's names, float32, from formula_tensor with the keys "mkt/<name>".
std::map<std::string, torch::Tensor> formula_clip_state(const ClipShape& shape);

/// State dict of the golden tiny CLIP; computed once.
const std::map<std::string, torch::Tensor>& tiny_weights();

/// Path of a .pth file with tiny_weights(); written once per process.
const std::string& tiny_clip_file();

/// Makes the state dict of a stage-1 student: the vision encoder from formula_clip_state, renamed as in the
/// checkpoint, and projection.fc*.
std::map<std::string, torch::Tensor> formula_student_state(const ClipShape& shape);

}  // namespace mkt::test
