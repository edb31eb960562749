// Reads and writes Hugging Face's config.json and preprocessor_config.json. Source: transformers' CLIPConfig
// and CLIPImageProcessor.

#include <fmt/core.h>

#include <array>
#include <cmath>

#include "artifact/clip_facts.h"
#include "artifact/project_configs.h"
#include "mkt/text/tokenizer.h"

namespace mkt::artifact {
namespace {

using nlohmann::json;
using Config = nlohmann::ordered_json;

constexpr std::int64_t kStartToken = text::kClipVocabulary - 2;  // also of tables with appended rows
constexpr std::int64_t kEndToken = text::kClipVocabulary - 1;
constexpr int kBicubic = 3;  // Pillow's number

/// An encoder's configuration. Old files state some values in a second object, which takes precedence.
class Encoder {
 public:
  Encoder(const json& config, const char* name, std::string source)
      : object_(config[name]), name_(name), source_(std::move(source)) {
    TORCH_CHECK(object_.is_object(), source_, ": expected a JSON object '", name_, "', got ", object_.dump(),
                ". Download it again.");
    const json second = config.value(std::string(name) + "_dict", json());
    if (second.is_object()) object_.update(second);
  }

  std::int64_t whole(const char* key, std::int64_t usual) const {
    const json value = object_.value(key, json(usual));
    TORCH_CHECK(value.is_number_integer() && value.get<std::int64_t>() > 0, source_,
                ": expected a positive whole number as '", name_, ".", key, "', got ", value.dump(),
                ". Download it again.");
    return value.get<std::int64_t>();
  }

  clip::EncoderFacts facts(std::int64_t usual_heads) const {
    const json epsilon = object_.value("layer_norm_eps", json(1e-5));
    TORCH_CHECK(epsilon.is_number(), source_, ": expected a number as '", name_, ".layer_norm_eps', got ",
                epsilon.dump(), ". Download it again.");
    return {{activation(), source_},
            {whole("num_attention_heads", usual_heads), source_},
            {epsilon.get<double>(), source_}};
  }

 private:
  nn::Activation activation() const {
    const json name = object_.value("hidden_act", json("quick_gelu"));
    if (name == "quick_gelu") return nn::Activation::kQuickGelu;
    TORCH_CHECK(name == "gelu", source_, ": expected quick_gelu or gelu as '", name_, ".hidden_act', got ",
                name.dump(), ". The model is not one that this program computes: use another.");
    return nn::Activation::kGelu;
  }

  json object_;
  const char* name_;
  std::string source_;
};

/// Throws unless the end token is CLIP's. Old files state 2, and mean the largest id of a text.
void check_end_token(const json& text, const std::string& source) {
  const json end = text.value("eos_token_id", json(kEndToken));
  TORCH_CHECK(end == kEndToken || end == 2 || end.is_null(), source, ": expected ", kEndToken,
              " as 'text_config.eos_token_id', got ", end.dump(),
              ". The weights need another tokenizer: use others.");
}

/// A size as an integer, {"shortest_edge"}, or equal {"height", "width"}; nullopt for another form.
std::optional<double> side_of(const json& size) {
  if (size.is_number()) return size.get<double>();
  if (!size.is_object()) return {};
  if (size.contains("shortest_edge") && size["shortest_edge"].is_number())
    return size["shortest_edge"].get<double>();
  const json height = size.value("height", json());
  if (!height.is_number() || size.value("width", json()) != height) return {};
  return height.get<double>();
}

/// The setting `key`, or `usual` if it is left out or null.
json setting(const json& config, const char* key, const json& usual) {
  const json value = config.value(key, usual);
  return value.is_null() ? usual : value;
}

/// Whether images are resized, scaled to 0 … 1 and normalised.
bool has_usual_steps(const json& config) {
  const json factor = setting(config, "rescale_factor", json(1.0 / 255));
  return setting(config, "do_resize", true) == true && setting(config, "do_rescale", true) == true &&
         setting(config, "do_normalize", true) == true && factor.is_number() &&
         std::abs(factor.get<double>() - 1.0 / 255) < 1e-6;
}

/// Sets the resize mode and crop share; returns false if the combination is not supported.
bool set_resize(const json& config, image::Preprocessing& result) {
  const json size = setting(config, "size", json(224));
  const bool squash = size.is_object() && size.contains("height");
  const json cropping = setting(config, "do_center_crop", true);
  if (!cropping.is_boolean()) return false;
  const bool crop = cropping.get<bool>();
  const auto side = side_of(size);
  const auto cropped = crop ? side_of(setting(config, "crop_size", json(224))) : side;
  if (!side || !cropped || *cropped > *side || *cropped <= 0) return false;
  if (squash) {
    result.resize = image::ResizeMode::kSquash;
    return *cropped == *side;
  }
  result.crop_share = *cropped / *side;
  return crop;
}

Config encoder_config(const clip::EncoderOptions& options) {
  return {{"hidden_size", options.width},
          {"intermediate_size", options.hidden},
          {"num_hidden_layers", options.layers},
          {"num_attention_heads", options.heads},
          {"hidden_act", options.activation == nn::Activation::kGelu ? "gelu" : "quick_gelu"},
          {"layer_norm_eps", options.epsilon},
          {"projection_dim", options.embed_dim}};
}

}  // namespace

StatedFacts hugging_face_facts(const json& config, const std::string& source) {
  StatedFacts stated;
  stated.source = source;
  const Encoder vision(config, "vision_config", source);
  const Encoder text(config, "text_config", source);
  stated.facts.vision = vision.facts(12);
  stated.facts.text = text.facts(8);
  check_end_token(config["text_config"], source);
  const json embedding = config.value("projection_dim", json(512));
  TORCH_CHECK(embedding.is_number_integer(), source, ": expected a whole number as 'projection_dim', got ",
              embedding.dump(), ". Download it again.");
  stated.sizes = {{"vision width", vision.whole("hidden_size", 768)},
                  {"vision layers", vision.whole("num_hidden_layers", 12)},
                  {"vision MLP width", vision.whole("intermediate_size", 3072)},
                  {"patch size", vision.whole("patch_size", 32)},
                  {"image size", vision.whole("image_size", 224)},
                  {"text width", text.whole("hidden_size", 512)},
                  {"text layers", text.whole("num_hidden_layers", 12)},
                  {"text MLP width", text.whole("intermediate_size", 2048)},
                  {"context length", text.whole("max_position_embeddings", 77)},
                  {"embedding width", embedding.get<std::int64_t>()}};
  return stated;
}

StatedFacts preprocessor_facts(const json& config, const std::string& source) {
  StatedFacts stated;
  stated.source = source;
  const image::Preprocessing usual = image::clip_preprocessing();
  const json wanted = {{"mean", setting(config, "image_mean", usual.mean)},
                       {"std", setting(config, "image_std", usual.deviation)},
                       {"resize", "short"},
                       {"crop_share", 1.0}};
  auto images = parse_preprocessing(wanted);
  if (!images || !has_usual_steps(config) || !set_resize(config, *images)) {
    stated.warnings.push_back(
        source +
        ": its preprocessing is not supported and is ignored; CLIP's is assumed unless options state one");
    return stated;
  }
  const json resample = setting(config, "resample", json(kBicubic));
  if (resample != kBicubic) {
    stated.warnings.push_back(
        fmt::format("{}: images are resized bicubically, not with resample {}", source, resample.dump()));
  }
  stated.facts.preprocessing = {*images, source};
  return stated;
}

Config hugging_face_config(const clip::Weights& weights) {
  const clip::VisionOptions& vision = weights.architecture.vision;
  const clip::TextOptions& text = weights.architecture.text;
  Config vision_config = encoder_config(vision);
  vision_config["model_type"] = "clip_vision_model";
  vision_config["patch_size"] = vision.patch;
  vision_config["image_size"] = vision.resolution();
  Config text_config = encoder_config(text);
  text_config["model_type"] = "clip_text_model";
  text_config["vocab_size"] = text.vocabulary;
  text_config["max_position_embeddings"] = text.context;
  text_config["bos_token_id"] = kStartToken;
  text_config["eos_token_id"] = kEndToken;
  return {{"architectures", {"CLIPModel"}},
          {"model_type", "clip"},
          {"projection_dim", vision.embed_dim},
          {"text_config", text_config},
          {"vision_config", vision_config}};
}

Config preprocessor_config(const clip::Weights& weights) {
  const image::Preprocessing images =
      weights.architecture.preprocessing.value_or(image::clip_preprocessing());
  const std::int64_t size = weights.architecture.vision.resolution();
  const bool squash = images.resize == image::ResizeMode::kSquash;
  const auto side = std::llround(static_cast<double>(size) / images.crop_share);
  const Config square = {{"height", size}, {"width", size}};
  return {{"image_processor_type", "CLIPImageProcessor"},
          {"do_convert_rgb", true},
          {"do_resize", true},
          {"size", squash ? square : Config{{"shortest_edge", side}}},
          {"resample", kBicubic},
          {"do_center_crop", !squash},
          {"crop_size", square},
          {"do_rescale", true},
          {"rescale_factor", 1.0 / 255},
          {"do_normalize", true},
          {"image_mean", images.mean},
          {"image_std", images.deviation}};
}

std::map<std::string, Config> config_files(const clip::Weights& weights, bool hugging_face) {
  const clip::Architecture& of = weights.architecture;
  const bool stated = weights.facts.vision.activation.value && weights.facts.text.activation.value;
  if (!stated || !weights.has_vision() || !weights.has_text()) return {};
  if (hugging_face) {
    std::map<std::string, Config> files = {{"config.json", hugging_face_config(weights)}};
    const bool pads = of.preprocessing && of.preprocessing->resize == image::ResizeMode::kPad;
    if (!pads) files["preprocessor_config.json"] = preprocessor_config(weights);
    return files;
  }
  const bool has_setting = of.vision.activation == of.text.activation && of.vision.epsilon == 1e-5 &&
                           of.text.epsilon == 1e-5 && of.vision.width % of.vision.heads == 0;
  if (!has_setting) return {};
  return {{"open_clip_config.json", open_clip_config(weights)}};
}

}  // namespace mkt::artifact
