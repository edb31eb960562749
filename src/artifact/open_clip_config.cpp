// Reads and writes open_clip's open_clip_config.json. Source: open_clip's model.py (CLIPVisionCfg,
// CLIPTextCfg) and transform.py (PreprocessCfg).

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "artifact/clip_facts.h"
#include "artifact/project_configs.h"

namespace mkt::artifact {
namespace {

using nlohmann::json;
using Config = nlohmann::ordered_json;

constexpr const char* kOtherModel = "The model is not one that this program computes: use another.";

/// A setting that is supported with one value only: that of the models this program computes.
struct Fixed {
  const char* name;
  json value;
};

/// Settings that say nothing about what is computed here: training's, file origins, or sizes seen in tensors.
bool is_harmless(const std::string& name) {
  static const std::array<const char*, 11> kHarmless = {"patch_dropout",
                                                        "output_tokens",
                                                        "hf_model_pretrained",
                                                        "timm_model_pretrained",
                                                        "timm_drop",
                                                        "timm_drop_path",
                                                        "heads",
                                                        "head_width",
                                                        "mlp_ratio",
                                                        "ls_init_value",
                                                        "embed_dim"};
  return std::find(kHarmless.begin(), kHarmless.end(), name) != kHarmless.end();
}

const std::vector<Fixed>& vision_settings() {
  static const std::vector<Fixed> kSettings = {
      {"attentional_pool", false},    {"no_ln_pre", false}, {"pos_embed_type", "learnable"},
      {"final_ln_after_pool", false}, {"pool_type", "tok"}, {"global_average_pool", false},
      {"input_patchnorm", false},     {"qk_norm", false},   {"in_chans", 3},
      {"timm_model_name", nullptr}};
  return kSettings;
}

const std::vector<Fixed>& text_settings() {
  static const std::vector<Fixed> kSettings = {
      {"embed_cls", false},       {"no_causal_mask", false},     {"final_ln_after_pool", false},
      {"pool_type", "argmax"},    {"proj_bias", false},          {"proj_type", "linear"},
      {"hf_model_name", nullptr}, {"hf_tokenizer_name", nullptr}};
  return kSettings;
}

/// Reads settings of one encoder and remembers which were understood.
class Settings {
 public:
  Settings(const json& object, std::string source, std::string where)
      : object_(object), source_(std::move(source)), where_(std::move(where)) {
    TORCH_CHECK(object_.is_object(), source_, ": expected a JSON object '", where_, "', got ", object_.dump(),
                ". Download it again.");
  }

  std::optional<std::int64_t> whole(const char* name) {
    known_.push_back(name);
    if (!object_.contains(name) || object_[name].is_null()) return {};
    TORCH_CHECK(object_[name].is_number_integer() && object_[name].get<std::int64_t>() > 0, source_,
                ": expected a positive whole number as '", where_, ".", name, "', got ", object_[name].dump(),
                ". Download it again.");
    return object_[name].get<std::int64_t>();
  }

  /// A side of an image: a number, or a list of two equal ones.
  std::optional<std::int64_t> side(const char* name) {
    const json value = object_.value(name, json());
    const bool square =
        value.is_array() && value.size() == 2 && value[0] == value[1] && value[0].is_number_integer();
    known_.push_back(name);
    return square ? std::optional(value[0].get<std::int64_t>()) : whole(name);
  }

  std::optional<double> real(const char* name) {
    known_.push_back(name);
    if (!object_.contains(name) || !object_[name].is_number()) return {};
    return object_[name].get<double>();
  }

  const json& nested(const char* name) {
    known_.push_back(name);
    static const json kEmpty = json::object();
    return object_.contains(name) && object_[name].is_object() ? object_[name] : kEmpty;
  }

  /// Throws if a setting differs from the only value that is supported.
  void require(const std::vector<Fixed>& settings) {
    for (const Fixed& fixed : settings) {
      known_.push_back(fixed.name);
      const json found = object_.value(fixed.name, fixed.value);
      TORCH_CHECK(found == fixed.value || found.is_null(), source_, ": expected '", where_, ".", fixed.name,
                  "' ", fixed.value.dump(), ", got ", found.dump(), ". ", kOtherModel);
    }
  }

  /// Throws with `reason` if the object `name` has entries.
  void require_empty(const char* name, const char* reason) {
    const json& found = nested(name);
    TORCH_CHECK(found.empty(), source_, ": expected no '", where_, ".", name, "', got ", found.dump(), ". ",
                reason);
  }

  /// Returns warnings about settings that nobody asked for.
  std::vector<std::string> unknown() const {
    std::vector<std::string> warnings;
    for (const auto& [name, value] : object_.items()) {
      const bool known = is_harmless(name) || std::find(known_.begin(), known_.end(), name) != known_.end();
      if (!known && !value.is_null()) {
        warnings.push_back(
            fmt::format("{}: the setting '{}.{}' is unknown and is ignored", source_, where_, name));
      }
    }
    return warnings;
  }

 private:
  const json& object_;
  std::string source_;
  std::string where_;
  std::vector<std::string> known_;
};

void add_size(const std::string& name, std::optional<std::int64_t> value, StatedFacts& stated) {
  if (value) stated.sizes[name] = *value;
}

void append(const std::vector<std::string>& warnings, StatedFacts& stated) {
  stated.warnings.insert(stated.warnings.end(), warnings.begin(), warnings.end());
}

/// Adds what the settings of both encoders state alike: layers, the MLPs' width and ε. `side`: "vision" or
/// "text".
void add_blocks(Settings& settings, const std::string& side, std::int64_t width, StatedFacts& stated,
                clip::EncoderFacts& facts) {
  constexpr double kMlpRatio = 4;
  add_size(side + " width", width, stated);
  add_size(side + " layers", settings.whole("layers"), stated);
  const double ratio = settings.real("mlp_ratio").value_or(kMlpRatio);
  add_size(side + " MLP width", static_cast<std::int64_t>(static_cast<double>(width) * ratio), stated);
  Settings norm(settings.nested("norm_kwargs"), stated.source, "norm_kwargs");
  facts.epsilon = {norm.real("eps").value_or(nn::kLayerNormEpsilon), stated.source};
  settings.require_empty("act_kwargs", kOtherModel);
}

void add_vision(const json& config, StatedFacts& stated) {
  constexpr std::int64_t kWidth = 768;
  constexpr std::int64_t kHeadWidth = 64;
  Settings settings(config, stated.source, "vision_cfg");
  settings.require(vision_settings());
  const std::int64_t width = settings.whole("width").value_or(kWidth);
  add_blocks(settings, "vision", width, stated, stated.facts.vision);
  add_size("patch size", settings.whole("patch_size"), stated);
  add_size("image size", settings.side("image_size"), stated);
  stated.facts.vision.heads = {width / settings.whole("head_width").value_or(kHeadWidth), stated.source};
  append(settings.unknown(), stated);
}

void add_text(const json& config, StatedFacts& stated) {
  constexpr std::int64_t kWidth = 512;
  constexpr std::int64_t kHeads = 8;
  Settings settings(config, stated.source, "text_cfg");
  settings.require(text_settings());
  add_blocks(settings, "text", settings.whole("width").value_or(kWidth), stated, stated.facts.text);
  add_size("context length", settings.whole("context_length"), stated);
  settings.whole("vocab_size");  // rows may have been appended since
  stated.facts.text.heads = {settings.whole("heads").value_or(kHeads), stated.source};
  settings.require_empty("tokenizer_kwargs", "The tokenizer is not CLIP's: use another model.");
  append(settings.unknown(), stated);
}

void add_preprocessing(const json& config, const std::string& source, StatedFacts& stated) {
  image::Preprocessing result = image::clip_preprocessing();
  const auto numbers = [&](const char* name, std::array<double, 3> usual) {
    const json value = config.value(name, json(usual));
    const auto found = three_numbers(value);
    TORCH_CHECK(found, source, ": expected three numbers as 'preprocess_cfg.", name, "', got ", value.dump(),
                ". Download it again.");
    return *found;
  };
  result.mean = numbers("mean", result.mean);
  result.deviation = numbers("std", result.deviation);
  const json mode = config.value("resize_mode", json("shortest"));
  if (mode == "squash") result.resize = image::ResizeMode::kSquash;
  if (mode == "longest") {
    result.resize = image::ResizeMode::kPad;
    stated.warnings.push_back(source +
                              ": 'resize_mode' \"longest\" pads with black; the mean colour is used");
  }
  TORCH_CHECK(mode == "shortest" || mode == "squash" || mode == "longest", source,
              ": expected 'preprocess_cfg.resize_mode' shortest, squash or longest, got ", mode.dump(),
              ". State the preprocessing by options, and move the file away.");
  const json interpolation = config.value("interpolation", json("bicubic"));
  if (interpolation != "bicubic") {
    stated.warnings.push_back(
        fmt::format("{}: images are resized bicubically, not by {}", source, interpolation.dump()));
  }
  stated.facts.preprocessing = {result, source};
}

}  // namespace

StatedFacts open_clip_facts(const json& config, const std::string& source) {
  StatedFacts stated;
  stated.source = source;
  const json model = config.is_object() ? config.value("model_cfg", json()) : json();
  TORCH_CHECK(
      model.is_object() && model.contains("vision_cfg") && model.contains("text_cfg"), source,
      ": expected 'model_cfg' with 'vision_cfg' and 'text_cfg', got another object. Download it again.");
  const json quick = model.value("quick_gelu", json(false));
  TORCH_CHECK(quick.is_boolean(), source, ": expected true or false as 'model_cfg.quick_gelu', got ",
              quick.dump(), ". Download it again.");
  const auto activation = quick.get<bool>() ? nn::Activation::kQuickGelu : nn::Activation::kGelu;
  stated.facts.vision.activation = stated.facts.text.activation = {activation, source};
  if (model.contains("embed_dim") && model["embed_dim"].is_number_integer())
    stated.sizes["embedding width"] = model["embed_dim"].get<std::int64_t>();
  add_vision(model["vision_cfg"], stated);
  add_text(model["text_cfg"], stated);
  if (config.contains("preprocess_cfg") && config["preprocess_cfg"].is_object())
    add_preprocessing(config["preprocess_cfg"], source, stated);
  return stated;
}

Config open_clip_config(const clip::Weights& weights) {
  const clip::VisionOptions& vision = weights.architecture.vision;
  const clip::TextOptions& text = weights.architecture.text;
  const auto ratio = [](std::int64_t hidden, std::int64_t width) {
    return static_cast<double>(hidden) / static_cast<double>(width);
  };
  Config vision_cfg = {{"image_size", vision.resolution()},
                       {"layers", vision.layers},
                       {"width", vision.width},
                       {"head_width", vision.width / vision.heads},
                       {"mlp_ratio", ratio(vision.hidden, vision.width)},
                       {"patch_size", vision.patch}};
  if (vision.layer_scale) vision_cfg["ls_init_value"] = 1e-4;
  Config text_cfg = {{"context_length", text.context},
                     {"vocab_size", text.vocabulary},
                     {"width", text.width},
                     {"heads", text.heads},
                     {"layers", text.layers},
                     {"mlp_ratio", ratio(text.hidden, text.width)}};
  if (text.layer_scale) text_cfg["ls_init_value"] = 1e-4;
  Config config = {{"model_cfg",
                    {{"embed_dim", vision.embed_dim},
                     {"quick_gelu", vision.activation == nn::Activation::kQuickGelu},
                     {"vision_cfg", vision_cfg},
                     {"text_cfg", text_cfg}}}};
  // open_clip has no crop of another size than the resized short side, and pads with black.
  const auto& stated = weights.architecture.preprocessing;
  if (!stated || stated->crop_share != 1 || stated->resize == image::ResizeMode::kPad) return config;
  const image::Preprocessing& images = *stated;
  const char* mode = images.resize == image::ResizeMode::kSquash ? "squash" : "shortest";
  config["preprocess_cfg"] = {
      {"mean", images.mean}, {"std", images.deviation}, {"interpolation", "bicubic"}, {"resize_mode", mode}};
  return config;
}

}  // namespace mkt::artifact
