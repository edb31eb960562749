#include <algorithm>
#include <cmath>
#include <filesystem>

#include "artifact/cast.h"
#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "clip/naming.h"
#include "core/text.h"
#include "formats/formats.h"
#include "labels/labels.h"
#include "mkt/core/random.h"
#include "weights/safetensors.h"

namespace mkt::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPictureSeed = 1;
constexpr const char* kLabel = "dog";

/// Normalised features of the picture and the label that a conversion is checked by.
struct Probe {
  torch::Tensor picture;  // (1, D)
  torch::Tensor label;    // (1, D)
};

torch::Tensor noise_picture(std::int64_t side) {
  KeyedRandom random({kPictureSeed});
  torch::Tensor picture = torch::empty({1, 3, side, side}, torch::kFloat32);
  auto* value = picture.data_ptr<float>();
  for (std::int64_t i = 0; i < picture.numel(); ++i) value[i] = static_cast<float>(random.normal());
  return picture;
}

Probe encode_probe(const clip::TensorMap& weights, const ConvertOptions& options) {
  const torch::NoGradGuard no_grad;
  artifact::ClipOptions clip;
  clip.clip_path = options.input;
  clip.bpe_path = options.bpe_path;
  session::ComputeOptions compute;
  compute.device = "cpu";
  const session::Runtime runtime = session::make_runtime(compute);
  const clip::FrozenVisionEncoder vision = artifact::load_image_encoder(weights, clip, "", runtime);
  const torch::Tensor picture = vision.class_token(noise_picture(vision.options().resolution()));
  const torch::Tensor label = labels::LabelEncoder(weights, clip, "", runtime).encode({kLabel});
  return {picture / picture.norm(), label / label.norm()};
}

void check_output(const ConvertOptions& options) {
  const std::string ending = fs::path(options.output).extension();
  TORCH_CHECK_VALUE(ending == ".pt" || ending == ".pth" || ending == ".safetensors",
                    "--output: expected a name that ends in .pt, .pth or .safetensors, got '", options.output,
                    "'. Name such a file.");
  std::error_code none;
  TORCH_CHECK_VALUE(!fs::equivalent(options.input, options.output, none),
                    "--output: expected another file than --input, got ", options.output,
                    " for both. Name another.");
  io::require_writable("output", options.output);
}

clip::TensorMap with_dtype(clip::TensorMap weights, const ConvertOptions& options) {
  if (options.dtype == "keep") return weights;
  TORCH_CHECK_VALUE(options.dtype == "fp32" || options.dtype == "fp16" || options.dtype == "bf16",
                    "--dtype: expected one of keep, fp32, fp16, bf16; got '", options.dtype, "'.");
  const auto dtype = options.dtype == "fp32"   ? torch::kFloat32
                     : options.dtype == "fp16" ? torch::kFloat16
                                               : torch::kBFloat16;
  for (auto& [name, tensor] : weights) {
    if (!tensor.is_floating_point()) continue;
    tensor = artifact::cast_whole(tensor, dtype, options.dtype, options.input, name, "Use --dtype bf16.");
  }
  return weights;
}

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
    return weights::save_safetensors(path, tensors, {{"format", "pt"}});  // which transformers insists on
  }
  weights::save_pth(path, tensors);
}

}  // namespace

std::string convert_clip(const ConvertOptions& options) {
  const clip::Naming naming = clip::parse_naming(options.to);
  artifact::require_checkpoint("input", options.input, artifact::CheckpointKind::kClip);
  check_output(options);
  const clip::TensorMap weights = clip::load_weights(options.input);
  const clip::TensorMap wanted = with_dtype(weights, options);
  const weights::TensorMap converted = clip::to_naming(wanted, naming, options.input);
  const Probe before = encode_probe(weights, options);
  const Probe after = encode_probe(clip::to_openai_names(converted, options.input), options);
  const double picture = (before.picture - after.picture).abs().max().item<double>();
  const double label = (before.label - after.label).abs().max().item<double>();
  TORCH_CHECK(std::isfinite(picture) && std::isfinite(label), options.input,
              ": expected finite features of a picture and a label, got others. Are the weights whole?");
  TORCH_CHECK(options.dtype != "keep" || picture + label == 0, options.input,
              ": expected the same features under ", options.to, "'s names, got a difference of ",
              std::max(picture, label), ". Nothing was written.");
  save(options.output, converted);
  TORCH_CHECK(same_tensors(clip::load_weights(options.output), wanted), options.output,
              ": expected what was written, got other tensors back. Check the disk.");
  return cat("wrote ", options.output, ": ", converted.size(), " tensors, ", clip::naming_text(naming),
             ", dtype ", options.dtype, "; largest difference of a picture's features ", picture,
             ", of a label's ", label);
}

}  // namespace mkt::formats
