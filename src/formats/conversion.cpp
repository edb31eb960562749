#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "artifact/clip_facts.h"
#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "clip/naming.h"
#include "core/log.h"
#include "formats/formats.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/core/random.h"
#include "weights/safetensors.h"

namespace mkt::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kImageSeed = 1;
constexpr std::uint64_t kTextSeed = 2;

/// Normalised features of one image and one text, used to check a conversion.
struct Probe {
  torch::Tensor image;  // (1, D)
  torch::Tensor label;  // (1, D), the text's
};

/// Makes an image of normally distributed noise from a fixed seed: (1, 3, side, side).
torch::Tensor noise_image(std::int64_t side) {
  KeyedRandom random({kImageSeed});
  torch::Tensor image = torch::empty({1, 3, side, side}, torch::kFloat32);
  auto* value = image.data_ptr<float>();
  for (std::int64_t i = 0; i < image.numel(); ++i) value[i] = static_cast<float>(random.normal());
  return image;
}

/// Ids of one text of any vocabulary: some ids, then the largest as the end token.
torch::Tensor some_text(const clip::TextOptions& text) {
  constexpr std::int64_t kTokens = 8;
  const std::int64_t length = std::min(kTokens, text.context);
  KeyedRandom random({kTextSeed});
  torch::Tensor ids = torch::empty({1, length}, torch::kInt64);
  auto* id = ids.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i + 1 < length; ++i)
    id[i] = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(text.vocabulary - 1)));
  id[length - 1] = text.vocabulary - 1;
  return ids;
}

Probe encode_probe(const clip::Weights& weights) {
  const torch::NoGradGuard no_grad;
  const clip::FrozenVisionEncoder vision = clip::make_frozen_vision_encoder(weights);
  const torch::Tensor image = vision.class_token(noise_image(vision.options().resolution()));
  const torch::Tensor text = clip::make_text_encoder(weights)->encode(some_text(weights.architecture.text));
  return {image / image.norm(), text / text.norm()};
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

clip::TensorMap with_dtype(clip::TensorMap tensors, const ConvertOptions& options) {
  for (auto& [name, tensor] : tensors) {
    clip::check_finite(tensor, name, options.input);
    tensor = weights::cast_whole(tensor, options.dtype, options.input, name);
  }
  return tensors;
}

bool is_safetensors(const std::string& path) {
  return fs::path(path).extension() == ".safetensors";
}

/// A configuration file to write beside the output.
struct ConfigFile {
  std::string path;
  nlohmann::ordered_json content;
};

/// Whether the output's folder holds weights other than input and output, which would take a configuration
/// there for their own.
bool holds_other_weights(const ConvertOptions& options) {
  const fs::path folder = fs::path(options.output).parent_path();
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, none)) {
    const std::string ending = entry.path().extension();
    const bool weights = ending == ".pt" || ending == ".pth" || ending == ".bin" || ending == ".safetensors";
    const bool own = fs::equivalent(entry.path(), options.output, none) ||
                     fs::equivalent(entry.path(), options.input, none);
    if (weights && !own) return true;
  }
  return false;
}

/// Whether the configuration at `path` is that of `weights`: they were read by it, or its content is equal.
bool states_same(const std::string& path, const nlohmann::ordered_json& content,
                 const clip::Weights& weights) {
  for (const std::string& source : {weights.facts.vision.heads.source, weights.facts.text.heads.source}) {
    std::error_code none;
    if (fs::equivalent(source, path, none)) return true;
  }
  return io::read_json<nlohmann::ordered_json>(path) == content;
}

/// Returns the configuration files to write: none beside other weights, and none over one with another
/// content. Beside a .pth file, which has no metadata, the latter would be taken for its configuration:
/// throws c10::Error naming it.
std::vector<ConfigFile> choose_configs(const clip::Weights& weights, const ConvertOptions& options) {
  const auto files = artifact::config_files(weights, options.naming == clip::Naming::kHuggingFace);
  if (files.empty()) {
    log::warning(
        "no configuration file is written beside {}: the activation or another property is not stated",
        options.output);
  }
  const fs::path folder = fs::path(options.output).parent_path();
  const bool others = holds_other_weights(options);
  std::vector<ConfigFile> chosen;
  for (const auto& [name, content] : files) {
    const std::string path = (folder / name).string();
    std::error_code none;
    const bool exists = fs::exists(path, none);
    if (exists && states_same(path, content, weights)) continue;
    TORCH_CHECK(!exists || is_safetensors(options.output), path, ": expected the configuration of ",
                options.input, ", got another's. Write ", options.output, " into another folder.");
    if (exists || others) {
      log::warning("{} is not written, because {}", path,
                   exists ? "one of other weights is there" : "other weights lie in its folder");
      continue;
    }
    chosen.push_back({path, content});
  }
  return chosen;
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

void save(const clip::Weights& weights, const clip::TensorMap& converted, const ConvertOptions& options) {
  const std::vector<ConfigFile> configs = choose_configs(weights, options);
  if (is_safetensors(options.output)) {
    weights::save_safetensors(options.output, converted,
                              {{"format", "pt"},  // for transformers
                               {artifact::kClipMetadata, artifact::clip_metadata(weights)}});
  } else {
    weights::save_pth(options.output, converted);
  }
  for (const ConfigFile& config : configs) io::write_json(config.path, config.content, 2);
}

}  // namespace

std::string convert_clip(const ConvertOptions& options) {
  artifact::require_kind("input", options.input, artifact::FileKind::kClip);
  check_output(options);
  const clip::Weights weights = artifact::open_clip(options.input, options.facts);
  const clip::TensorMap wanted = with_dtype(weights.tensors, options);
  const weights::TensorMap converted = clip::to_naming(wanted, options.naming, options.input);
  const Probe before = encode_probe(weights);
  const Probe after =
      encode_probe({clip::to_openai_names(converted, options.input), options.input, weights.facts});
  const double image = (before.image - after.image).abs().max().item<double>();
  const double label = (before.label - after.label).abs().max().item<double>();
  TORCH_CHECK(std::isfinite(image) && std::isfinite(label), options.input,
              ": expected finite features of an image and a text, got NaN or infinity. Check the weights.");
  TORCH_CHECK(options.dtype != weights::WeightType::kKeep || image + label == 0, options.input,
              ": expected the same features with ", clip::naming_text(options.naming),
              ", got a difference of ", std::max(image, label), ". Nothing was written.");
  save(weights, converted, options);
  TORCH_CHECK(same_tensors(clip::load_tensors(options.output), wanted), options.output,
              ": expected the tensors that were written, read others. Check the disk.");
  return fmt::format(
      "wrote {}: {} tensors, {}, dtype {}; largest difference of an image's features {:g}, of a text's {:g}",
      options.output, converted.size(), clip::naming_text(options.naming), enum_name(options.dtype), image,
      label);
}

}  // namespace mkt::formats
