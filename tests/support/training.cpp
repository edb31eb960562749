#include "support/training.h"

#include <fmt/core.h>

#include <fstream>

#include "core/text.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

namespace mkt::test {

GoldenBatch golden_batch(std::int64_t index) {
  static const weights::TensorMap labels = weights::load_tensors(golden("batches.pth"));
  return {formula_tensor(fmt::format("golden/x{}", index), {4, 3, 64, 64}, -2, 2),
          labels.at(fmt::format("labels{}", index)).to(torch::kInt8)};
}

nlohmann::json golden_training(const std::string& stage) {
  std::ifstream file(golden("training.json"));
  return nlohmann::json::parse(file).at(stage);
}

std::map<std::string, torch::Tensor> moved_student_state() {
  auto state = formula_student_state(tiny_clip_shape());
  for (auto& [name, tensor] : state) {
    const bool moved = name.rfind("transformer.resblocks.2.", 0) == 0 ||
                       name.rfind("transformer.resblocks.3.", 0) == 0 || name.rfind("ln_post.", 0) == 0 ||
                       name == "projection_dist";
    if (moved) tensor = tensor + formula_tensor("golden/delta/" + name, tensor.sizes().vec(), -0.02, 0.02);
  }
  return state;
}

}  // namespace mkt::test
