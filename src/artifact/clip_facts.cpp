#include "artifact/clip_facts.h"

#include <algorithm>
#include <filesystem>

#include "clip/naming.h"
#include "io/json.h"

namespace mkt::artifact {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kOpenClipConfig = "open_clip_config.json";
constexpr const char* kHuggingFaceConfig = "config.json";
constexpr const char* kPreprocessorConfig = "preprocessor_config.json";

bool is_hugging_face_clip(const json& config) {
  return config.is_object() && config.contains("vision_config") && config.contains("text_config") &&
         config.value("model_type", json("clip")) == "clip";
}

/// Adds the facts of the configurations in the folder: the naming scheme's own first.
void add_configs(const std::string& folder, clip::Naming naming, std::vector<StatedFacts>& all) {
  const bool hugging_face_names = naming == clip::Naming::kHuggingFace;
  const auto path = [&](const char* file) { return (fs::path(folder) / file).string(); };
  std::vector<StatedFacts> found;
  if (const auto config = io::read_json(path(kOpenClipConfig)))
    found.push_back(open_clip_facts(*config, path(kOpenClipConfig)));
  const auto config = io::read_json(path(kHuggingFaceConfig));
  const bool is_clip = config && is_hugging_face_clip(*config);
  if (config && !is_clip) {  // a file of this name can belong to anything
    const std::string other = path(kHuggingFaceConfig);
    found.push_back({other, {}, {}, {other + " does not describe a CLIP and is ignored"}});
  }
  if (is_clip) {
    found.insert(hugging_face_names ? found.begin() : found.end(),
                 hugging_face_facts(*config, path(kHuggingFaceConfig)));
    if (const auto images = io::read_json(path(kPreprocessorConfig)))
      found.insert(hugging_face_names ? found.begin() : found.end(),
                   preprocessor_facts(*images, path(kPreprocessorConfig)));
  }
  std::move(found.begin(), found.end(), std::back_inserter(all));
}

/// Whether the file is an archive as OpenAI published them: with three settings among its tensors.
bool is_openai_archive(const weights::Checkpoint& checkpoint) {
  const auto holds = [&](const char* name) { return checkpoint.tensors.count(name) > 0; };
  return checkpoint.is_torch_script && holds("input_resolution") && holds("context_length") &&
         holds("vocab_size");
}

template <typename Value>
clip::Stated<Value> stated(const json& object, const char* key, const std::string& source,
                           std::optional<Value> (*parse)(const json&)) {
  if (!object.contains(key)) return {};
  const std::optional<Value> value = parse(object[key]);
  TORCH_CHECK(value, source, ": expected metadata '", kClipMetadata, "' with a valid '", key, "', got ",
              object[key].dump(), ". Write the file again with prepare convert.");
  return {value, source};
}

std::optional<nn::Activation> parse_activation(const json& value) {
  return value.is_string() ? enum_value<nn::Activation>(value.get<std::string>()) : std::nullopt;
}
std::optional<std::int64_t> parse_heads(const json& value) {
  return value.is_number_unsigned() && value.get<std::int64_t>() > 0
             ? std::optional(value.get<std::int64_t>())
             : std::nullopt;
}
std::optional<double> parse_epsilon(const json& value) {
  return value.is_number() && value.get<double>() > 0 ? std::optional(value.get<double>()) : std::nullopt;
}

clip::EncoderFacts parse_encoder(const json& object, const char* key, const std::string& source) {
  if (!object.contains(key)) return {};
  const json& encoder = object[key];
  return {stated(encoder, "activation", source, parse_activation),
          stated(encoder, "heads", source, parse_heads),
          stated(encoder, "layer_norm_epsilon", source, parse_epsilon)};
}

/// An activation that was only assumed is left out.
nlohmann::ordered_json encoder_json(const clip::EncoderOptions& options, const clip::EncoderFacts& facts) {
  nlohmann::ordered_json stated = {{"heads", options.heads}, {"layer_norm_epsilon", options.epsilon}};
  if (facts.activation.value) stated["activation"] = enum_name(options.activation);
  return stated;
}

}  // namespace

std::map<std::string, std::int64_t> sizes_of(const clip::Architecture& architecture) {
  std::map<std::string, std::int64_t> sizes;
  const clip::VisionOptions& vision = architecture.vision;
  if (vision.width > 0) {
    sizes = {{"vision width", vision.width},      {"vision layers", vision.layers},
             {"patch size", vision.patch},        {"image size", vision.resolution()},
             {"vision MLP width", vision.hidden}, {"embedding width", vision.embed_dim}};
  }
  const clip::TextOptions& text = architecture.text;
  if (text.width > 0) {
    sizes.insert({{"text width", text.width},
                  {"text layers", text.layers},
                  {"context length", text.context},
                  {"text MLP width", text.hidden},
                  {"embedding width", text.embed_dim}});
  }
  return sizes;
}

std::vector<StatedFacts> stated_facts(const clip::Facts& given, const ClipFiles& files,
                                      const weights::Checkpoint& checkpoint) {
  std::vector<StatedFacts> all = {{"", given, {}, {}}};
  if (is_openai_archive(checkpoint)) {  // configurations in its folder belong to other files
    StatedFacts archive;
    archive.source = "OpenAI's TorchScript archive";
    archive.facts.vision.activation = {nn::Activation::kQuickGelu, archive.source};
    archive.facts.text.activation = archive.facts.vision.activation;
    archive.facts.preprocessing = {image::clip_preprocessing(), archive.source};
    all.push_back(archive);
    return all;
  }
  const auto own = checkpoint.metadata.find(kClipMetadata);
  if (own != checkpoint.metadata.end())
    all.push_back({files.weights.front(), parse_clip_metadata(own->second, files.weights.front()), {}, {}});
  const clip::Facts& stated = all.back().facts;
  const bool complete = stated.vision.activation.value && stated.text.activation.value &&
                        stated.vision.heads.value && stated.text.heads.value && stated.preprocessing.value;
  if (own == checkpoint.metadata.end() || !complete)
    add_configs(files.folder, clip::naming_of(checkpoint.tensors), all);
  return all;
}

nlohmann::ordered_json to_json(const image::Preprocessing& preprocessing) {
  return {{"mean", preprocessing.mean},
          {"std", preprocessing.deviation},
          {"resize", enum_name(preprocessing.resize)},
          {"crop_share", preprocessing.crop_share}};
}

std::optional<std::array<double, 3>> three_numbers(const json& value) {
  const auto is_number = [](const json& item) { return item.is_number(); };
  const bool right =
      value.is_array() && value.size() == 3 && std::all_of(value.begin(), value.end(), is_number);
  return right ? std::optional(value.get<std::array<double, 3>>()) : std::nullopt;
}

std::optional<image::Preprocessing> parse_preprocessing(const json& value) {
  if (!value.is_object()) return {};
  const auto mean = three_numbers(value.value("mean", json()));
  const auto deviation = three_numbers(value.value("std", json()));
  const json resize = value.value("resize", json());
  const json share = value.value("crop_share", json());
  const auto mode =
      resize.is_string() ? enum_value<image::ResizeMode>(resize.get<std::string>()) : std::nullopt;
  if (!mean || !deviation || !mode || !share.is_number()) return {};
  return image::Preprocessing{*mean, *deviation, *mode, share.get<double>()};
}

std::string clip_metadata(const clip::Weights& weights) {
  nlohmann::ordered_json metadata;
  if (weights.has_vision())
    metadata["vision"] = encoder_json(weights.architecture.vision, weights.facts.vision);
  if (weights.has_text()) metadata["text"] = encoder_json(weights.architecture.text, weights.facts.text);
  if (weights.architecture.preprocessing)
    metadata["preprocessing"] = to_json(*weights.architecture.preprocessing);
  return io::json_text(metadata);
}

clip::Facts parse_clip_metadata(const std::string& text, const std::string& file) {
  const json metadata = json::parse(text, nullptr, /*allow_exceptions=*/false);
  TORCH_CHECK(metadata.is_object(), file, ": expected a JSON object as metadata '", kClipMetadata,
              "', got other text. Write the file again with prepare convert.");
  const std::string source = "metadata of " + fs::path(file).filename().string();
  return {parse_encoder(metadata, "vision", source), parse_encoder(metadata, "text", source),
          stated(metadata, "preprocessing", source, parse_preprocessing)};
}

}  // namespace mkt::artifact
