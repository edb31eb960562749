#pragma once
// Tensors that are computed instead of stored. Source: tests/data/golden/README.md, "Weights by formula".

#include "mkt/torch.h"

#include <map>
#include <string>
#include <vector>

namespace mkt::test {

/// Path of a file under tests/data/golden.
std::string golden(const std::string& name);

/// float32 tensor of `shape`, uniform in [low, high), a function of `key` alone.
torch::Tensor formula_tensor(const std::string& key, const std::vector<std::int64_t>& shape, double low,
                             double high);

/// Sizes of a CLIP with a vision transformer.
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

/// The golden tiny CLIP: 4 vision layers of 128, 3 text layers of 128, 64-pixel images.
ClipShape tiny_clip_shape();

/// A CLIP state dict with OpenAI's names, float32, keys "mkt/<name>".
std::map<std::string, torch::Tensor> formula_clip_state(const ClipShape& shape);

/// That of the golden tiny CLIP, made once.
const std::map<std::string, torch::Tensor>& tiny_weights();

/// Stage 1's student: the image side of formula_clip_state under the checkpoint's names, plus projection.fc*.
std::map<std::string, torch::Tensor> formula_student_state(const ClipShape& shape);

}  // namespace mkt::test
