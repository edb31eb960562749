#include "demo/new_clip.h"

#include <cmath>
#include <functional>

#include "mkt/core/random.h"

namespace mkt::demo {
namespace {

constexpr double kFirstTemperature = 0.07;

/// Draws initial values for parameters from one random stream.
class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : random_({seed}) {}

  void normal(const torch::Tensor& parameter, double deviation) {
    torch::Tensor values = torch::empty(parameter.sizes(), torch::kFloat32);
    auto* value = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      value[i] = static_cast<float>(deviation * random_.normal());
    }
    clip::load_parameter(parameter, values);
  }

  void blocks(nn::Transformer& transformer) {
    const double width = std::pow(static_cast<double>(transformer->options.width), -0.5);
    const double depth = std::pow(2.0 * static_cast<double>(transformer->options.layers), -0.5);
    for (std::int64_t i = 0; i < transformer->options.layers; ++i) {
      nn::ResidualBlock block = transformer->block(i);
      normal(block->attn->in_proj_weight, width);
      normal(block->attn->out_proj->weight, width * depth);
      normal(block->mlp->c_fc->weight, width * std::sqrt(0.5));
      normal(block->mlp->c_proj->weight, width * depth);
    }
  }

 private:
  KeyedRandom random_;
};

/// Sets biases to 0 and layer-norm weights to 1.
void set_vectors(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (const auto& parameter : module.named_parameters()) {
    torch::Tensor tensor = parameter.value();
    if (tensor.dim() == 1) tensor.fill_(parameter.key().find("weight") == std::string::npos ? 0 : 1);
  }
}

/// Returns position embeddings, (1 + grid², width): zeros for the class token, sines and cosines of row and
/// column for patches.
torch::Tensor sine_positions(std::int64_t grid, std::int64_t width) {
  constexpr double kLongest = 100;
  torch::Tensor positions = torch::zeros({1 + grid * grid, width});
  auto rows = positions.accessor<float, 2>();
  const std::int64_t quarter = width / 4;
  for (std::int64_t patch = 0; patch < grid * grid; ++patch) {
    const std::int64_t y = patch / grid;
    const std::int64_t x = patch % grid;
    for (std::int64_t i = 0; i < quarter; ++i) {
      const double rate = std::pow(kLongest, -static_cast<double>(i) / static_cast<double>(quarter));
      const double row = static_cast<double>(y) * rate;
      const double column = static_cast<double>(x) * rate;
      rows[1 + patch][i] = static_cast<float>(std::sin(row));
      rows[1 + patch][quarter + i] = static_cast<float>(std::cos(row));
      rows[1 + patch][2 * quarter + i] = static_cast<float>(std::sin(column));
      rows[1 + patch][3 * quarter + i] = static_cast<float>(std::cos(column));
    }
  }
  return positions;
}

void draw_visual(clip::VisionEncoder& visual, Drawer& drawer) {
  const double scale = std::pow(static_cast<double>(visual->options.width), -0.5);
  const double fan_in = 3.0 * static_cast<double>(visual->options.patch * visual->options.patch);
  set_vectors(*visual);
  drawer.normal(visual->conv1->weight, std::pow(fan_in, -0.5));
  drawer.normal(visual->class_embedding, scale);
  drawer.normal(visual->projection, scale);
  drawer.blocks(visual->transformer);
  clip::load_parameter(visual->positional_embedding,
                       sine_positions(visual->options.grid, visual->options.width));
}

void draw_text(clip::TextEncoder& text, Drawer& drawer) {
  set_vectors(*text);
  drawer.normal(text->token_embedding->weight, 0.02);
  drawer.normal(text->positional_embedding, 0.01);
  drawer.normal(text->text_projection, std::pow(static_cast<double>(text->options.width), -0.5));
  drawer.blocks(text->transformer);
}

}  // namespace

std::vector<torch::Tensor> NewClip::parameters() const {
  std::vector<torch::Tensor> all = visual->parameters();
  for (const torch::Tensor& parameter : text->parameters()) all.push_back(parameter);
  all.push_back(logit_scale);
  return all;
}

NewClip make_new_clip(const clip::VisionOptions& vision, const clip::TextOptions& text, std::uint64_t seed) {
  NewClip clip{clip::VisionEncoder(vision), clip::TextEncoder(text),
               torch::tensor(-std::log(kFirstTemperature), torch::kFloat32).requires_grad_()};
  Drawer drawer(seed);
  draw_visual(clip.visual, drawer);
  draw_text(clip.text, drawer);
  return clip;
}

weights::TensorMap half_state(const NewClip& clip) {
  weights::TensorMap state;
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    state[name] = tensor.detach().to(torch::kCPU, torch::kHalf);
  };
  for (const auto& parameter : clip.visual->named_parameters())
    add("visual." + parameter.key(), parameter.value());
  for (const auto& parameter : clip.text->named_parameters()) add(parameter.key(), parameter.value());
  add("logit_scale", clip.logit_scale);
  return state;
}

}  // namespace mkt::demo
