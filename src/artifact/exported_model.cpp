#include "artifact/exported_model.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "artifact/clip_facts.h"
#include "artifact/pooling_facts.h"
#include "core/text.h"
#include "io/json.h"
#include "weights/digest.h"
#include "weights/safetensors.h"

namespace mkt::artifact {
namespace {

using nlohmann::json;

constexpr const char* kFeatures = "label_features";
constexpr const char* kVersionKey = "mkt_model";
constexpr const char* kVersion = "2";
constexpr const char* kAdjustedVersion = "3";  // has what earlier programs would ignore: version_of()
constexpr const char* kMean = "score_mean";
constexpr const char* kDeviation = "score_deviation";
constexpr const char* kFirstVersion = "1";  // OpenAI's architecture, MKT's preprocessing
constexpr const char* kAdvice = ". Write it again with prepare export.";

/// Reads and checks the metadata of a file. Every error names the file.
class Metadata {
 public:
  Metadata(std::string path, const std::map<std::string, std::string>& values)
      : path_(std::move(path)), values_(values) {}

  std::string text(const char* name) const {
    const auto found = values_.find(name);
    TORCH_CHECK(found != values_.end(), path_, ": expected the metadata '", name, "', got none", kAdvice);
    return found->second;
  }

  std::int64_t number(const char* name) const {
    const std::string value = text(name);
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    TORCH_CHECK(problem == std::errc() && end == value.data() + value.size() && number > 0, path_,
                ": expected a positive whole number as metadata '", name, "', got '", value, "'", kAdvice);
    return number;
  }

  /// Value of an optional entry; empty if it is absent.
  std::string text_or_empty(const char* name) const {
    return values_.count(name) > 0 ? values_.at(name) : "";
  }
  bool holds(const char* name) const { return values_.count(name) > 0; }

  template <typename Value>
  std::vector<Value> list(const char* name, const char* items,
                          bool (json::*is_right)() const noexcept) const {
    const json parsed = json::parse(text(name), nullptr, /*allow_exceptions=*/false);
    const bool right =
        parsed.is_array() && !parsed.empty() &&
        std::all_of(parsed.begin(), parsed.end(), [&](const json& value) { return (value.*is_right)(); });
    TORCH_CHECK(right, path_, ": expected a JSON list of ", items, " as metadata '", name,
                "', got other text", kAdvice);
    return parsed.get<std::vector<Value>>();
  }

 private:
  std::string path_;
  const std::map<std::string, std::string>& values_;
};

model::ScoreKind score_of(const std::string& name, const std::string& path) {
  const auto kind = enum_value<model::ScoreKind>(name);
  TORCH_CHECK(kind, path, ": expected ", join(enum_names<model::ScoreKind>(), ", "),
              " as metadata 'score', got '", name, "'", kAdvice);
  return *kind;
}

model::LocalPooling pooling_of(const Metadata& metadata, const std::string& path) {
  if (!metadata.holds("local")) return metadata.number("topk");
  const std::string kind = metadata.text("local");
  const std::vector<double> scale = metadata.list<double>("local_scale", "numbers", &json::is_number);
  const auto pooling = parse_pooling({{"local", kind}, {"local_scale", scale[0]}});
  TORCH_CHECK(pooling && scale.size() == 1, path,
              ": expected softmax or transport as metadata 'local', and a positive number as 'local_scale', "
              "got '",
              kind, "' and ", metadata.text("local_scale"), kAdvice);
  return *pooling;
}

image::Preprocessing preprocessing_of(const Metadata& metadata, const std::string& path) {
  if (!metadata.holds("preprocessing")) return {};
  const std::string text = metadata.text("preprocessing");
  const auto parsed = parse_preprocessing(json::parse(text, nullptr, /*allow_exceptions=*/false));
  TORCH_CHECK(parsed, path, ": expected a preprocessing as metadata 'preprocessing', got '", text, "'",
              kAdvice);
  return *parsed;
}

model::ScoreRule rule_of(const Metadata& metadata, const std::string& path) {
  const model::ScoreKind kind = score_of(metadata.text("score"), path);
  if (kind != model::ScoreKind::kProbability) return kind;
  const std::vector<double> scale = metadata.list<double>("logit_scale", "numbers", &json::is_number);
  TORCH_CHECK(scale.size() == 1 && scale[0] > 0, path,
              ": expected a positive number as metadata 'logit_scale'", kAdvice);
  return {kind, scale[0]};
}

std::optional<metrics::Calibration> calibration_of(const Metadata& metadata, const std::string& path) {
  if (!metadata.holds("calibration")) return std::nullopt;
  const std::vector<double> values = metadata.list<double>("calibration", "numbers", &json::is_number);
  TORCH_CHECK(values.size() == 2, path, ": expected slope and intercept as metadata 'calibration', got ",
              values.size(), " numbers", kAdvice);
  return metrics::Calibration{values[0], values[1]};
}

template <typename Expected, typename Found>
void check_equal(const std::string& path, const char* what, const Expected& expected, const Found& found) {
  TORCH_CHECK(expected == found, path, ": expected ", expected, " ", what, ", got ", found, kAdvice);
}

clip::Patches patches_of(const Metadata& metadata, const std::string& path) {
  if (!metadata.holds("patches")) return clip::Patches::kLast;
  const auto patches = enum_value<clip::Patches>(metadata.text("patches"));
  TORCH_CHECK(patches, path, ": expected last or self as metadata 'patches', got '", metadata.text("patches"),
              "'", kAdvice);
  return *patches;
}

ModelFacts read_facts(const std::string& path, const std::map<std::string, std::string>& values) {
  const Metadata metadata(path, values);
  const std::string version = metadata.text(kVersionKey);
  TORCH_CHECK(version == kVersion || version == kFirstVersion || version == kAdjustedVersion, path,
              ": expected an exported model of version ", kFirstVersion, ", ", kVersion, " or ",
              kAdjustedVersion, ", got version '", version, "'", kAdvice);
  ModelFacts facts;
  facts.labels = metadata.list<std::string>("labels", "texts", &json::is_string);
  facts.prompt_template = metadata.text("template");
  facts.local = pooling_of(metadata, path);
  facts.score = rule_of(metadata, path);
  facts.image_size = metadata.number("image_size");
  facts.patches = patches_of(metadata, path);
  if (metadata.holds("seen_penalty")) {
    const std::vector<double> penalty = metadata.list<double>("seen_penalty", "numbers", &json::is_number);
    check_equal(path, "number as metadata 'seen_penalty'", std::size_t{1}, penalty.size());
    facts.seen_penalty = penalty[0];
    facts.seen_labels = metadata.number("seen_labels");
  }
  facts.preprocessing = preprocessing_of(metadata, path);
  if (metadata.holds("thresholds"))
    facts.thresholds = metadata.list<double>("thresholds", "numbers", &json::is_number);
  facts.calibration = calibration_of(metadata, path);
  facts.phrases_sha256 = metadata.text_or_empty("phrases_sha256");
  facts.image_sha256 = metadata.text_or_empty("image_sha256");
  facts.text_sha256 = metadata.text_or_empty("text_sha256");
  return facts;
}

void check_features(const ExportedModel& model, const std::string& digest, const std::string& path) {
  const torch::Tensor& features = model.label_features;
  TORCH_CHECK(features.dim() == 2 && features.scalar_type() == torch::kFloat32, path, ": expected ",
              kFeatures, " (labels, features) float32, got ", features.scalar_type(), " ", features.sizes(),
              kAdvice);
  const auto labels = static_cast<std::int64_t>(model.facts.labels.size());
  check_equal(path, "rows of label features, one per label", labels, features.size(0));
  TORCH_CHECK(weights::digest(features) == digest, path,
              ": expected label features with the digest features_sha256, got changed ones", kAdvice);
}

void check_fit(const ExportedModel& model, const std::string& path) {
  const clip::VisionOptions& sizes = model.weights.architecture.vision;
  const ModelFacts& facts = model.facts;
  check_equal(path, "features per label, as the image encoder has", sizes.embed_dim,
              model.label_features.size(1));
  check_equal(path, "pixels as metadata 'image_size'", sizes.resolution(), facts.image_size);
  TORCH_CHECK(facts.local.kind != model::Pooling::kTopk || facts.local.topk <= sizes.grid * sizes.grid, path,
              ": expected 1 to ", sizes.grid * sizes.grid,
              " (the patches of an image) as metadata 'topk', got ", facts.local.topk, kAdvice);
  if (!facts.thresholds.empty())
    check_equal(path, "thresholds, one per label", facts.labels.size(), facts.thresholds.size());
  TORCH_CHECK(facts.seen_labels <= static_cast<std::int64_t>(facts.labels.size()), path,
              ": expected at most ", facts.labels.size(), " as metadata 'seen_labels', got ",
              facts.seen_labels, kAdvice);
}

/// Takes the label statistics out of the file, as the score standard needs them.
void take_statistics(weights::TensorMap& tensors, ModelFacts& facts, const std::string& path) {
  if (facts.score.kind != model::ScoreKind::kStandard) return;
  const auto labels = static_cast<std::int64_t>(facts.labels.size());
  const auto take = [&](const char* name) {
    const auto found = tensors.find(name);
    TORCH_CHECK(found != tensors.end() && found->second.scalar_type() == torch::kFloat32 &&
                    found->second.sizes() == torch::IntArrayRef({labels}) &&
                    found->second.isfinite().all().item<bool>(),
                path, ": expected the tensor ", name,
                ", one finite float32 number per label, for the score "
                "standard, got none or another",
                kAdvice);
    const torch::Tensor tensor = found->second;
    tensors.erase(found);
    return tensor;
  };
  facts.score.statistics = {take(kMean), take(kDeviation)};
  TORCH_CHECK(facts.score.statistics.deviation.gt(0).all().item<bool>(), path,
              ": expected positive numbers in the tensor ", kDeviation, ", got others", kAdvice);
}

/// Facts about the image encoder; version 1 has none, and was computed as OpenAI's models.
clip::Facts encoder_facts(const std::string& path, const std::map<std::string, std::string>& metadata) {
  const auto own = metadata.find(kClipMetadata);
  if (own != metadata.end()) return parse_clip_metadata(own->second, path);
  clip::Facts facts;
  facts.vision.activation = {nn::Activation::kQuickGelu, "an exported model of version 1"};
  return facts;
}

/// Oldest version of the format that says all of it.
const char* version_of(const ModelFacts& facts) {
  const bool adjusted = facts.local.kind != model::Pooling::kTopk || facts.seen_penalty != 0 ||
                        facts.score.kind == model::ScoreKind::kStandard ||
                        facts.score.kind == model::ScoreKind::kMeanCosine ||
                        facts.patches != clip::Patches::kLast;
  return adjusted ? kAdjustedVersion : kVersion;
}

std::map<std::string, std::string> metadata_of(const ExportedModel& model) {
  const ModelFacts& facts = model.facts;
  const torch::Tensor& features = model.label_features;
  std::map<std::string, std::string> metadata = {{kVersionKey, version_of(facts)},
                                                 {kClipMetadata, clip_metadata(model.weights)},
                                                 {"labels", io::json_text(json(facts.labels))},
                                                 {"template", facts.prompt_template},
                                                 {"score", enum_name(facts.score.kind)},
                                                 {"image_size", std::to_string(facts.image_size)},
                                                 {"features_sha256", weights::digest(features)}};
  if (facts.local.kind == model::Pooling::kTopk) {
    metadata["topk"] = std::to_string(facts.local.topk);
  } else {
    metadata["local"] = enum_name(facts.local.kind);
    metadata["local_scale"] = json::array({facts.local.scale}).dump();
  }
  if (facts.seen_penalty != 0) {
    metadata["seen_penalty"] = json::array({facts.seen_penalty}).dump();
    metadata["seen_labels"] = std::to_string(facts.seen_labels);
  }
  if (facts.patches != clip::Patches::kLast) metadata["patches"] = enum_name(facts.patches);
  if (facts.preprocessing != image::Preprocessing{})
    metadata["preprocessing"] = io::json_text(to_json(facts.preprocessing));
  if (facts.score.kind == model::ScoreKind::kProbability)
    metadata["logit_scale"] = json::array({facts.score.scale}).dump();
  if (!facts.thresholds.empty()) metadata["thresholds"] = json(facts.thresholds).dump();
  if (facts.calibration)
    metadata["calibration"] = json::array({facts.calibration->slope, facts.calibration->intercept}).dump();
  for (const auto& [name, digest] : {std::pair{"phrases_sha256", facts.phrases_sha256},
                                     {"image_sha256", facts.image_sha256},
                                     {"text_sha256", facts.text_sha256}}) {
    if (!digest.empty()) metadata[name] = digest;
  }
  return metadata;
}

}  // namespace

std::string digest_of(const model::LabelStatistics& statistics) {
  if (!statistics.mean.defined()) return "";
  return weights::digest(torch::stack({statistics.mean.cpu(), statistics.deviation.cpu()}));
}

ThresholdScores ModelFacts::scores() const {
  return {score.kind,     local,         prompt_template,
          phrases_sha256, preprocessing, image_size,
          image_sha256,   text_sha256,   digest_of(score.statistics),
          seen_penalty};
}

ExportedModel read_exported_model(const std::string& path) {
  weights::Safetensors file = weights::load_safetensors(path);
  const auto features = file.tensors.find(kFeatures);
  TORCH_CHECK(features != file.tensors.end() && file.metadata.count(kVersionKey) > 0, path,
              ": expected an exported model with ", kFeatures, " and the metadata '", kVersionKey,
              "', got another file. Write one with prepare export.");
  ExportedModel model;
  model.facts = read_facts(path, file.metadata);
  model.label_features = features->second;
  file.tensors.erase(features);
  take_statistics(file.tensors, model.facts, path);
  model.weights = clip::Weights(std::move(file.tensors), path, encoder_facts(path, file.metadata));
  model.weights.architecture.vision.patches = model.facts.patches;
  check_features(model, Metadata(path, file.metadata).text("features_sha256"), path);
  check_fit(model, path);
  return model;
}

void write_exported_model(const std::string& path, const ExportedModel& model) {
  weights::TensorMap tensors = model.weights.tensors;
  tensors[kFeatures] = model.label_features;
  const model::LabelStatistics& statistics = model.facts.score.statistics;
  if (statistics.mean.defined()) {
    tensors[kMean] = statistics.mean.cpu();
    tensors[kDeviation] = statistics.deviation.cpu();
  }
  weights::save_safetensors(path, tensors, metadata_of(model));
}

}  // namespace mkt::artifact
