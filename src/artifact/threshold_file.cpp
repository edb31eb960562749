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

/// A file of values that were fitted to scores.
struct Fitted {
  const ordered_json& content;
  const std::string& path;
  const std::string& what;  ///< "thresholds"

  template <typename Value>
  void check_same(const char* name, const Value& fitted, const Value& given) const {
    TORCH_CHECK_VALUE(fitted == given, name, ": expected ", fitted, ", which the ", what, " of ", path,
                      " were fitted to, got ", given, ". Use ", fitted,
                      " (for an exported model: in prepare export), or fit other ", what, ".");
  }
};

void check_pooling(const Fitted& file, const model::LocalPooling& given) {
  const auto fitted = parse_pooling(file.content);
  TORCH_CHECK(fitted, file.path, ": expected a pooling of patches, got none. Fit the ", file.what, " again.");
  file.check_same("local", enum_name(fitted->kind), enum_name(given.kind));
  if (fitted->kind == model::Pooling::kTopk) return file.check_same("topk", fitted->topk, given.topk);
  file.check_same("local-scale", fitted->scale, given.scale);
}

/// Compares what was done to the scores themselves.
void check_adjustment(const Fitted& file, const ThresholdScores& scores) {
  const ordered_json penalty = file.content.value("seen_penalty", ordered_json(0.0));
  TORCH_CHECK(penalty.is_number(), file.path, ": expected a number as seen_penalty, got ", penalty.dump(),
              ". Fit the ", file.what, " again.");
  file.check_same("seen-penalty", penalty.get<double>(), scores.seen_penalty);
  const ordered_json statistics = file.content.value("statistics_sha256", ordered_json(""));
  TORCH_CHECK_VALUE(statistics == scores.statistics_sha256, "statistics: expected those that the ", file.what,
                    " of ", file.path, " were fitted with, got others. Use the same, or fit other ",
                    file.what, ".");
}

void check_phrases(const Fitted& file, const ThresholdScores& scores) {
  const ordered_json stated = file.content.value("phrases_sha256", ordered_json());
  const std::string phrases = stated.is_string() ? stated.get<std::string>() : "";
  // Threshold files and exported models of earlier versions do not say.
  const bool known = stated.is_string() && !(scores.phrases_sha256.empty() && scores.text_sha256.empty());
  TORCH_CHECK_VALUE(!known || phrases == scores.phrases_sha256, "phrases: expected ",
                    phrases.empty() ? "none" : "the file", ", as the ", file.what, " of ", file.path,
                    " were fitted with, got ", scores.phrases_sha256.empty() ? "none" : "another",
                    ". Use the same phrases (for an exported model: in prepare export), or fit other ",
                    file.what, ".");
}

/// Compares what the images went through. Files of earlier versions state neither; their preprocessing was
/// image::Preprocessing's default for every size.
void check_images(const Fitted& file, const ThresholdScores& scores) {
  const ordered_json& content = file.content;
  image::Preprocessing fitted;
  if (content.contains("preprocessing")) {
    const auto parsed = parse_preprocessing(nlohmann::json(content["preprocessing"]));
    TORCH_CHECK(parsed, file.path, ": expected a preprocessing, got ", content["preprocessing"].dump(),
                ". Fit the ", file.what, " again.");
    fitted = *parsed;
  }
  TORCH_CHECK_VALUE(fitted == scores.preprocessing, "preprocess: expected ", image::describe(fitted),
                    ", which the ", file.what, " of ", file.path, " were fitted to, got ",
                    image::describe(scores.preprocessing),
                    ". Use the same preprocessing (for an exported model: in prepare export), or fit other ",
                    file.what, ".");
  if (content.contains("image_size") && content["image_size"].is_number_integer())
    file.check_same("input-size", content["image_size"].get<std::int64_t>(), scores.image_size);
}

void check_weights(const Fitted& file, const ThresholdScores& scores) {
  const auto check = [&](const char* side, const char* key, const std::string& given) {
    if (!file.content.contains(key) || given.empty()) return false;
    TORCH_CHECK(file.content[key] == given, file.path, ": expected ", file.what, " fitted with this ", side,
                ", got ones fitted with another. Use the weights and checkpoints that they were fitted with, "
                "or fit others.");
    return true;
  };
  const bool image_known = check("image encoder", "image_sha256", scores.image_sha256);
  const bool text_known = check("text encoder", "text_sha256", scores.text_sha256);
  if (!image_known || !text_known)
    log::warning("{}: it is unknown whether the {} were fitted with these weights. Fit them again{}.",
                 file.path, file.what,
                 scores.image_sha256.empty() ? ", and write the exported model again" : "");
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

ordered_json scores_json(const ThresholdScores& scores) {
  ordered_json content = {{"score", enum_name(scores.kind)}};
  content.update(pooling_json(scores.local));
  content.update(ordered_json{{"template", scores.prompt_template},
                              {"phrases_sha256", scores.phrases_sha256},
                              {"preprocessing", to_json(scores.preprocessing)},
                              {"image_size", scores.image_size},
                              {"image_sha256", scores.image_sha256},
                              {"text_sha256", scores.text_sha256}});
  if (!scores.statistics_sha256.empty()) content["statistics_sha256"] = scores.statistics_sha256;
  if (scores.seen_penalty != 0) content["seen_penalty"] = scores.seen_penalty;
  return content;
}

void check_scores(const ordered_json& content, const ThresholdScores& scores, const std::string& path,
                  const std::string& what) {
  const Fitted file{content, path, what};
  const auto text = [&](const char* key) {
    const ordered_json value = content.value(key, ordered_json());
    TORCH_CHECK(value.is_string(), path, ": expected a text as ", key, ", got ", value.dump(), ". Fit the ",
                what, " again.");
    return value.get<std::string>();
  };
  file.check_same("score", text("score"), enum_name(scores.kind));
  check_pooling(file, scores.local);
  check_adjustment(file, scores);
  file.check_same("template", text("template"), scores.prompt_template);
  check_phrases(file, scores);
  check_images(file, scores);
  check_weights(file, scores);
}

Thresholds load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                           const ThresholdScores& scores) {
  const ordered_json content = parse_file(path);
  check_labels(content["labels"].get<std::vector<std::string>>(), labels, path);
  check_scores(content, scores, path, "thresholds");
  return {torch::tensor(content["thresholds"].get<std::vector<double>>(), torch::kFloat64),
          calibration_of(content, path)};
}

}  // namespace mkt::artifact
