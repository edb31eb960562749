#pragma once
// Properties of CLIP weights that are stated outside their tensors: in our own metadata, in open_clip's
// open_clip_config.json, and in Hugging Face's config.json and preprocessor_config.json.

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "artifact/clip_files.h"
#include "mkt/clip/architecture.h"
#include "mkt/clip/weights.h"

namespace mkt::artifact {

/// Key of clip_metadata() in a safetensors file's metadata.
inline constexpr const char* kClipMetadata = "mkt_clip";

/// Facts of one source, and the sizes that it states.
struct StatedFacts {
  std::string source;  ///< for messages: a configuration's path; empty for options
  clip::Facts facts;
  std::map<std::string, std::int64_t> sizes;  ///< keys as in sizes_of()
  std::vector<std::string> warnings;          ///< settings that are not understood or not honoured
};

/// Parses the `model_cfg` and `preprocess_cfg` of open_clip. `source`: the file's name. Throws c10::Error
/// naming it for a setting that changes what the tensors mean and is not supported.
StatedFacts open_clip_facts(const nlohmann::json& config, const std::string& source);

/// Parses Hugging Face's configuration of a CLIPModel; values that it leaves out are transformers' defaults.
/// Throws c10::Error naming `source` as open_clip_facts() does.
StatedFacts hugging_face_facts(const nlohmann::json& config, const std::string& source);

/// Parses Hugging Face's preprocessor_config.json.
StatedFacts preprocessor_facts(const nlohmann::json& config, const std::string& source);

/// Sizes of an architecture by the names used in messages: "vision width", "text layers", ….
std::map<std::string, std::int64_t> sizes_of(const clip::Architecture& architecture);

/// Collects what is stated about weights, by precedence: `given` (by options), the file's own metadata, the
/// configurations in its folder. OpenAI's archive states everything itself. Throws c10::Error naming a
/// configuration that is malformed, or whose settings are not supported.
std::vector<StatedFacts> stated_facts(const clip::Facts& given, const ClipFiles& files,
                                      const weights::Checkpoint& checkpoint);

/// Text for the metadata kClipMetadata: activations and preprocessing if they are stated, heads, ε.
std::string clip_metadata(const clip::Weights& weights);
/// Parses clip_metadata()'s text. Throws c10::Error naming `file` if it is malformed.
clip::Facts parse_clip_metadata(const std::string& text, const std::string& file);

/// The numbers in a JSON list of three, such as a mean per channel; nullopt for another value.
std::optional<std::array<double, 3>> three_numbers(const nlohmann::json& value);

/// JSON of a preprocessing: {"mean", "std", "resize", "crop_share"}.
nlohmann::ordered_json to_json(const image::Preprocessing& preprocessing);
/// Parses to_json()'s result; nullopt if it is malformed.
std::optional<image::Preprocessing> parse_preprocessing(const nlohmann::json& json);

/// Configuration files that other projects expect beside the weights, by file name: open_clip's
/// open_clip_config.json, or with `hugging_face` config.json and preprocessor_config.json. Empty if the
/// activation is only assumed, or if the project has no setting for the architecture.
std::map<std::string, nlohmann::ordered_json> config_files(const clip::Weights& weights, bool hugging_face);

}  // namespace mkt::artifact
