#include "support/formula.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdlib>

#include "core/text.h"
#include "mkt/core/random.h"
#include "mkt/weights/checkpoint.h"
#include "support/command.h"

namespace mkt::test {
namespace {

using State = std::map<std::string, torch::Tensor>;
using Shape = std::vector<std::int64_t>;

std::uint64_t fnv1a64(const std::string& key) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

torch::Tensor formula_parameter(const std::string& name, const Shape& shape) {
  const std::string key = "mkt/" + name;
  if (name == "logit_scale") return torch::full(shape, std::log(100.0), torch::kFloat32);
  if (contains(name, "ln_") && ends_with(name, "weight")) return formula_tensor(key, shape, 0.9, 1.1);
  if (ends_with(name, "bias")) return formula_tensor(key, shape, -0.05, 0.05);
  if (contains(name, "embedding")) return formula_tensor(key, shape, -0.1, 0.1);
  const bool fan_in_first = name == "visual.proj" || name == "text_projection";
  std::int64_t fan_in = fan_in_first ? shape[0] : 1;
  for (std::size_t i = 1; !fan_in_first && i < shape.size(); ++i) fan_in *= shape[i];
  const double bound = std::sqrt(3.0 / static_cast<double>(fan_in));
  return formula_tensor(key, shape, -bound, bound);
}

void add(State& state, const std::string& name, const Shape& shape) {
  state[name] = formula_parameter(name, shape);
}

void add_norm(State& state, const std::string& name, std::int64_t width) {
  add(state, name + ".weight", {width});
  add(state, name + ".bias", {width});
}

void add_blocks(State& state, const std::string& prefix, std::int64_t width, std::int64_t layers) {
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string block = fmt::format("{}transformer.resblocks.{}.", prefix, i);
    add_norm(state, block + "ln_1", width);
    add_norm(state, block + "ln_2", width);
    add(state, block + "attn.in_proj_weight", {3 * width, width});
    add(state, block + "attn.in_proj_bias", {3 * width});
    add(state, block + "attn.out_proj.weight", {width, width});
    add(state, block + "attn.out_proj.bias", {width});
    add(state, block + "mlp.c_fc.weight", {4 * width, width});
    add(state, block + "mlp.c_fc.bias", {4 * width});
    add(state, block + "mlp.c_proj.weight", {width, 4 * width});
    add(state, block + "mlp.c_proj.bias", {width});
  }
}

}  // namespace

std::string golden(const std::string& name) {
  const char* moved = std::getenv("MKT_TEST_DATA");
  return std::string(moved == nullptr ? MKT_TEST_DATA : moved) + "/golden/" + name;
}

torch::Tensor formula_tensor(const std::string& key, const Shape& shape, double low, double high) {
  torch::Tensor tensor = torch::empty(shape, torch::kFloat32);
  const std::uint64_t start = fnv1a64(key);
  const auto lo = static_cast<float>(low);
  const auto range = static_cast<float>(high - low);
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const std::uint64_t drawn = splitmix64(start + static_cast<std::uint64_t>(i)) >> 40;
    values[i] = lo + range * (static_cast<float>(drawn) / 16777216.0F);
  }
  return tensor;
}

ClipShape tiny_clip_shape() {
  ClipShape shape;
  shape.grid = 4;
  shape.vision_width = 128;
  shape.vision_layers = 4;
  shape.text_width = 128;
  shape.text_layers = 3;
  return shape;
}

State formula_clip_state(const ClipShape& shape) {
  State state;
  add(state, "positional_embedding", {shape.context, shape.text_width});
  add(state, "text_projection", {shape.text_width, shape.embed_dim});
  add(state, "logit_scale", {});
  add(state, "visual.class_embedding", {shape.vision_width});
  add(state, "visual.positional_embedding", {shape.grid * shape.grid + 1, shape.vision_width});
  add(state, "visual.proj", {shape.vision_width, shape.embed_dim});
  add(state, "visual.conv1.weight", {shape.vision_width, 3, shape.patch, shape.patch});
  add_norm(state, "visual.ln_pre", shape.vision_width);
  add_norm(state, "visual.ln_post", shape.vision_width);
  add_blocks(state, "visual.", shape.vision_width, shape.vision_layers);
  add_blocks(state, "", shape.text_width, shape.text_layers);
  add(state, "token_embedding.weight", {shape.vocab, shape.text_width});
  add_norm(state, "ln_final", shape.text_width);
  return state;
}

const State& tiny_weights() {
  static const State weights = formula_clip_state(tiny_clip_shape());
  return weights;
}

const std::string& tiny_clip_file() {
  static const std::string file = [] {
    std::string path = scratch_folder("clip") + "/clip.pth";
    weights::save_pth(path, tiny_weights());
    return path;
  }();
  return file;
}

State formula_student_state(const ClipShape& shape) {
  constexpr const char* kVisual = "visual.";
  State student;
  for (const auto& [name, tensor] : formula_clip_state(shape)) {
    if (name.rfind(kVisual, 0) != 0) continue;
    const std::string key = name.substr(std::string(kVisual).size());
    student[key == "proj" ? "projection_dist" : key] = tensor;
  }
  add(student, "projection.fc1.weight", {shape.embed_dim, shape.vision_width});
  add(student, "projection.fc1.bias", {shape.embed_dim});
  add(student, "projection.fc2.weight", {shape.embed_dim, shape.embed_dim});
  add(student, "projection.fc2.bias", {shape.embed_dim});
  return student;
}

}  // namespace mkt::test
