// Usage: make_clip tiny|vit-b-16 FILE. Writes CLIP weights computed from a formula, in half precision and
// with OpenAI's names. A file that ends in .safetensors also states the architecture: QuickGELU, heads 64
// wide.

#include <iostream>
#include <string>

#include "mkt/weights/checkpoint.h"
#include "support/formula.h"
#include "weights/safetensors.h"

int main(int argc, char** argv) {
  const std::string size = argc == 3 ? argv[1] : "";
  if (size != "tiny" && size != "vit-b-16") {
    std::cerr << "usage: make_clip tiny|vit-b-16 FILE\n";
    return 2;
  }
  const auto shape = size == "tiny" ? mkt::test::tiny_clip_shape() : mkt::test::ClipShape{};
  auto state = mkt::test::formula_clip_state(shape);
  for (auto& [name, tensor] : state) tensor = tensor.to(torch::kHalf);
  const std::string file = argv[2];
  const std::string end = ".safetensors";
  const bool stated =
      file.size() > end.size() && file.compare(file.size() - end.size(), end.size(), end) == 0;
  if (!stated) {
    mkt::weights::save_pth(file, state);
    return 0;
  }
  const auto encoder = [](std::int64_t width) {
    return R"({"activation": "quick-gelu", "heads": )" + std::to_string(width / 64) + "}";
  };
  mkt::weights::save_safetensors(file, state,
                                 {{"mkt_clip", R"({"vision": )" + encoder(shape.vision_width) +
                                                   R"(, "text": )" + encoder(shape.text_width) + "}"}});
  return 0;
}
