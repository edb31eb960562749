// Usage: make_clip tiny|vit-b-16 FILE. Writes CLIP weights computed from a formula, in half precision and
// with OpenAI's names.

#include <iostream>

#include "mkt/weights/checkpoint.h"
#include "support/formula.h"

int main(int argc, char** argv) {
  const std::string size = argc == 3 ? argv[1] : "";
  if (size != "tiny" && size != "vit-b-16") {
    std::cerr << "usage: make_clip tiny|vit-b-16 FILE\n";
    return 2;
  }
  const auto shape = size == "tiny" ? mkt::test::tiny_clip_shape() : mkt::test::ClipShape{};
  auto state = mkt::test::formula_clip_state(shape);
  for (auto& [name, tensor] : state) tensor = tensor.to(torch::kHalf);
  mkt::weights::save_pth(argv[2], state);
  return 0;
}
