#include "model/weight_mean.h"

namespace mkt::model {
namespace {

torch::Tensor mixed(const torch::Tensor& clip, const torch::Tensor& tuned, double alpha) {
  if (alpha == 0) return clip.to(torch::kFloat32);
  if (alpha == 1) return tuned.to(torch::kFloat32);  // 0 · clip + tuned would turn −0 into 0
  return (clip.to(torch::kFloat64) * (1 - alpha) + tuned.to(torch::kFloat64) * alpha).to(torch::kFloat32);
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

bool is_trained(const std::string& name) {
  const std::string vision = "visual.";
  if (name == "token_embedding.weight" || name == "logit_scale") return true;
  if (!starts_with(name, vision)) return false;
  const std::string own = name.substr(vision.size());
  return own != "class_embedding" && own != "positional_embedding" && !starts_with(own, "conv1.") &&
         !starts_with(own, "ln_pre.");
}

void check_alpha(double alpha) {
  TORCH_CHECK_VALUE(alpha >= 0 && alpha <= 1, "alpha: expected a number in [0, 1], got ", alpha,
                    ". 0 is CLIP, 1 the checkpoint.");
}

clip::Weights mixed_weights(const clip::Weights& clip, const clip::Weights& tuned, double alpha) {
  check_alpha(alpha);
  clip::Weights result = tuned;
  for (auto& [name, tensor] : result.tensors) {
    const torch::Tensor& base = clip::find_tensor(clip.tensors, name, tensor.sizes(), clip.file);
    clip::check_finite(base, name, clip.file);
    clip::check_finite(tensor, name, tuned.file);
    tensor = mixed(base, tensor, alpha == 0 || is_trained(name) ? alpha : 1);
  }
  return result;
}

torch::Tensor mean_of(const std::vector<torch::Tensor>& tensors) {
  torch::Tensor sum = tensors.at(0).to(torch::kFloat64);
  for (std::size_t i = 1; i < tensors.size(); ++i) sum = sum + tensors[i];
  return (sum / static_cast<double>(tensors.size())).to(torch::kFloat32);
}

}  // namespace mkt::model
