#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "clip/naming.h"
#include "formats/formats.h"
#include "io/file_checks.h"
#include "labels/labels.h"
#include "mkt/core/random.h"
#include "mkt/model/prompts.h"
#include "session/runtime.h"
#include "weights/safetensors.h"

namespace mkt::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kImageSeed = 1;
constexpr const char* kLabel = "dog";

/// Normalised features of one image and one label, used to check a conversion.
struct Probe {
  torch::Tensor image;  // (1, D)
  torch::Tensor label;  // (1, D)
};

/// Makes an image of normally distributed noise from a fixed seed: (1, 3, side, side).
torch::Tensor noise_image(std::int64_t side) {
  KeyedRandom random({kImageSeed});
  torch::Tensor image = torch::empty({1, 3, side, side}, torch::kFloat32);
  auto* value = image.data_ptr<float>();
  for (std::int64_t i = 0; i < image.numel(); ++i) value[i] = static_cast<float>(random.normal());
  return image;
}

Probe encode_probe(const clip::TensorMap& weights, const ConvertOptions& options) {
  const torch::NoGradGuard no_grad;
  const labels::LabelInputs inputs{{}, options.input, options.merges, model::kDefaultTemplate, "", "", ""};
  const session::Runtime runtime;  // CPU, fp32
  const clip::FrozenVisionEncoder vision = artifact::load_image_encoder(weights, options.input, "", runtime);
  const torch::Tensor image = vision.class_token(noise_image(vision.options().resolution()));
  const torch::Tensor label = labels::LabelEncoder(weights, inputs, runtime).encode({kLabel});
  return {image / image.norm(), label / label.norm()};
}

/// Throws ValueError or c10::Error if the output file cannot be written or is the input.
void check_output(const ConvertOptions& options) {
  const std::string ending = fs::path(options.output).extension();
  TORCH_CHECK_VALUE(ending == ".pt" || ending == ".pth" || ending == ".safetensors",
                    "output: expected a name that ends in .pt, .pth or .safetensors, got '", options.output,
                    "'. Change the extension.");
  std::error_code none;
  TORCH_CHECK_VALUE(!fs::equivalent(options.input, options.output, none),
                    "output: expected another file than the input, got ", options.output,
                    " for both. Name another.");
  io::require_writable("output", options.output);
}

clip::TensorMap with_dtype(clip::TensorMap weights, const ConvertOptions& options) {
  for (auto& [name, tensor] : weights)
    tensor = artifact::cast_whole(tensor, options.dtype, options.input, name);
  return weights;
}

/// Whether both maps have the same tensors: names, dtypes, shapes and bits.
bool same_tensors(const clip::TensorMap& a, const clip::TensorMap& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second.scalar_type() != tensor.scalar_type()) return false;
    if (other->second.sizes() != tensor.sizes()) return false;
    const torch::Tensor bits = tensor.contiguous().flatten().view(torch::kUInt8);
    if (!torch::equal(bits, other->second.contiguous().flatten().view(torch::kUInt8))) return false;
  }
  return true;
}

void save(const std::string& path, const clip::TensorMap& tensors) {
  if (fs::path(path).extension() == ".safetensors") {
    return weights::save_safetensors(path, tensors, {{"format", "pt"}});  // for transformers
  }
  weights::save_pth(path, tensors);
}

}  // namespace

std::string convert_clip(const ConvertOptions& options) {
  artifact::require_kind("input", options.input, artifact::FileKind::kClip);
  check_output(options);
  const clip::TensorMap weights = clip::load_weights(options.input);
  const clip::TensorMap wanted = with_dtype(weights, options);
  const weights::TensorMap converted = clip::to_naming(wanted, options.naming, options.input);
  const Probe before = encode_probe(weights, options);
  const Probe after = encode_probe(clip::to_openai_names(converted, options.input), options);
  const double image = (before.image - after.image).abs().max().item<double>();
  const double label = (before.label - after.label).abs().max().item<double>();
  TORCH_CHECK(std::isfinite(image) && std::isfinite(label), options.input,
              ": expected finite features of an image and a label, got NaN or infinity. Check the weights.");
  TORCH_CHECK(options.dtype != artifact::WeightType::kKeep || image + label == 0, options.input,
              ": expected the same features with ", clip::naming_text(options.naming),
              ", got a difference of ", std::max(image, label), ". Nothing was written.");
  save(options.output, converted);
  TORCH_CHECK(same_tensors(clip::load_weights(options.output), wanted), options.output,
              ": expected the tensors that were written, read others. Check the disk.");
  return fmt::format(
      "wrote {}: {} tensors, {}, dtype {}; largest difference of an image's features {:g}, of a label's {:g}",
      options.output, converted.size(), clip::naming_text(options.naming), enum_name(options.dtype), image,
      label);
}

}  // namespace mkt::formats
