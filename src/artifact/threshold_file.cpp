#include "artifact/threshold_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "artifact/clip_facts.h"
#include "artifact/pooling_facts.h"
#include "core/log.h"
#include "io/text_stream.h"
#include "lists/label_list.h"

namespace mkt::artifact {
namespace {

using nlohmann::ordered_json;

ordered_json parse_file(const std::string& path) {
  io::TextStream file(path);
  ordered_json content = ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto has = [&](const char* name, auto is_right) {
    return content.contains(name) && is_right(content[name]);
  };
  const auto is_list = [](const ordered_json& value) { return value.is_array() && !value.empty(); };
  const auto is_text = [](const ordered_json& value) { return value.is_string(); };
  const auto all_numbers = [](const ordered_json& value) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const auto& v) { return v.is_number(); });
  };
  const bool complete = content.is_object() && has("labels", is_list) && has("thresholds", all_numbers) &&
                        has("score", is_text) && has("template", is_text) &&
                        parse_pooling(content).has_value() &&
                        std::all_of(content["labels"].begin(), content["labels"].end(), is_text) &&
                        content["labels"].size() == content["thresholds"].size();
  TORCH_CHECK(complete, path,
              ": expected thresholds fitted by eval, got another file. Fit some with eval, or name another.");
  return content;
}

template <typename Value>
void check_same(const char* name, const Value& fitted, const Value& given, const std::string& path) {
  TORCH_CHECK_VALUE(fitted == given, name, ": expected ", fitted, ", which the thresholds of ", path,
                    " were fitted to, got ", given, ". Use ", fitted,
                    " (for an exported model: in prepare export), or fit other thresholds.");
}

void check_pooling(const model::LocalPooling& fitted, const model::LocalPooling& given,
                   const std::string& path) {
  check_same("local", enum_name(fitted.kind), enum_name(given.kind), path);
  if (fitted.kind == model::Pooling::kTopk) return check_same("topk", fitted.topk, given.topk, path);
  check_same("local-scale", fitted.scale, given.scale, path);
}

/// Compares what the images went through. Files of earlier versions state neither; their preprocessing was
/// image::Preprocessing's default for every size.
void check_images(const ordered_json& content, const ThresholdScores& scores, const std::string& path) {
  image::Preprocessing fitted;
  if (content.contains("preprocessing")) {
    const auto parsed = parse_preprocessing(nlohmann::json(content["preprocessing"]));
    TORCH_CHECK(parsed, path, ": expected a preprocessing, got ", content["preprocessing"].dump(),
                ". Fit the thresholds again.");
    fitted = *parsed;
  }
  TORCH_CHECK_VALUE(fitted == scores.preprocessing, "preprocess: expected ", image::describe(fitted),
                    ", which the thresholds of ", path, " were fitted to, got ",
                    image::describe(scores.preprocessing),
                    ". Use the same preprocessing (for an exported model: in prepare export), or fit other "
                    "thresholds.");
  if (content.contains("image_size") && content["image_size"].is_number_integer())
    check_same("input-size", content["image_size"].get<std::int64_t>(), scores.image_size, path);
}

void check_weights(const ordered_json& content, const ThresholdScores& scores, const std::string& path) {
  const auto check = [&](const char* side, const char* key, const std::string& given) {
    if (!content.contains(key) || given.empty()) return false;
    TORCH_CHECK(
        content[key] == given, path, ": expected thresholds fitted with this ", side,
        ", got ones fitted with another. Use the weights and checkpoints that they were fitted with, or fit "
        "others.");
    return true;
  };
  const bool image_known = check("image encoder", "image_sha256", scores.image_sha256);
  const bool text_known = check("text encoder", "text_sha256", scores.text_sha256);
  if (!image_known || !text_known)
    log::warning("{}: it is unknown whether the thresholds were fitted with these weights. Fit them again{}.",
                 path, scores.image_sha256.empty() ? ", and write the exported model again" : "");
}

std::optional<metrics::Calibration> calibration_of(const ordered_json& content, const std::string& path) {
  if (!content.contains("calibration")) return std::nullopt;
  const ordered_json& value = content["calibration"];
  const auto is_number = [&](const char* key) {
    return value.is_object() && value.contains(key) && value[key].is_number();
  };
  TORCH_CHECK(is_number("slope") && is_number("intercept"), path,
              ": expected a calibration with slope and intercept, got ", value.dump(),
              ". Fit the thresholds again.");
  return metrics::Calibration{value["slope"], value["intercept"]};
}

void check_labels(const std::vector<std::string>& fitted, const std::vector<std::string>& given,
                  const std::string& path) {
  const auto difference = data::first_difference(given, fitted);
  TORCH_CHECK(
      !difference, path, ": expected thresholds for the labels given, ", difference->expected, " as number ",
      difference->number, ", got ", difference->found,
      ". Use the labels that the thresholds were fitted to, in the same order, or fit other thresholds.");
}

}  // namespace

Thresholds load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                           const ThresholdScores& scores) {
  const ordered_json content = parse_file(path);
  check_labels(content["labels"].get<std::vector<std::string>>(), labels, path);
  check_same("score", content["score"].get<std::string>(), enum_name(scores.kind), path);
  check_pooling(*parse_pooling(content), scores.local, path);
  check_same("template", content["template"].get<std::string>(), scores.prompt_template, path);
  const ordered_json stated = content.value("phrases_sha256", ordered_json());
  const std::string phrases = stated.is_string() ? stated.get<std::string>() : "";
  // Threshold files and exported models of earlier versions do not say.
  const bool known = stated.is_string() && !(scores.phrases_sha256.empty() && scores.text_sha256.empty());
  TORCH_CHECK_VALUE(
      !known || phrases == scores.phrases_sha256, "phrases: expected ", phrases.empty() ? "none" : "the file",
      ", as the thresholds of ", path, " were fitted with, got ",
      scores.phrases_sha256.empty() ? "none" : "another",
      ". Use the same phrases (for an exported model: in prepare export), or fit other thresholds.");
  check_images(content, scores, path);
  check_weights(content, scores, path);
  return {torch::tensor(content["thresholds"].get<std::vector<double>>(), torch::kFloat64),
          calibration_of(content, path)};
}

}  // namespace mkt::artifact
