#include "mkt/train/thresholds.h"

#include <algorithm>
#include <fstream>
#include <ostream>

#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/io/atomic_file.h"
#include "mkt/metrics/thresholds.h"
#include "mkt/train/encoders.h"

namespace mkt::train {
namespace {

using nlohmann::ordered_json;

std::string score_name(const std::string& name, bool tuned) {
  return model::name_of(choose_score(name, tuned));
}

ordered_json f1_json(const metrics::ThresholdF1& per_label, const metrics::ThresholdF1& for_all) {
  return {{"thresholds", {{"micro", per_label.micro}, {"macro", per_label.macro}}},
          {"global", {{"micro", for_all.micro}, {"macro", for_all.macro}}}};
}

ordered_json to_json(const metrics::FittedThresholds& fitted, const EvalOptions& options,
                     const std::vector<std::string>& labels, std::int64_t images) {
  const auto* values = fitted.per_label.data_ptr<double>();
  return {{"score", score_name(options.score, !options.zero_shot)},
          {"topk", options.clip.topk},
          {"template", options.clip.prompt_template},
          {"images", images},
          {"labels", labels},
          {"thresholds", std::vector<double>(values, values + fitted.per_label.numel())},
          {"global", fitted.for_all},
          {"f1", f1_json(fitted.per_label_f1, fitted.for_all_f1)},
          {"f1_cross", f1_json(fitted.per_label_cross, fitted.for_all_cross)}};
}

std::string in_words(const std::string& name, const metrics::ThresholdF1& fitted,
                     const metrics::ThresholdF1& cross) {
  const auto percent = [](double value) { return fixed_text(100 * value, 2); };
  return cat(name, ": F1 ", percent(fitted.micro), ", a label's on average ", percent(fitted.macro),
             "; on images not fitted to ", percent(cross.micro), ", ", percent(cross.macro), "\n");
}

ordered_json parse_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ordered_json json = ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto has = [&](const char* name, auto is_right) {
    return json.contains(name) && is_right(json[name]);
  };
  const auto is_list = [](const ordered_json& value) { return value.is_array() && !value.empty(); };
  const auto is_text = [](const ordered_json& value) { return value.is_string(); };
  const auto all_numbers = [](const ordered_json& value) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const auto& v) { return v.is_number(); });
  };
  const bool whole = json.is_object() && has("labels", is_list) && has("thresholds", all_numbers) &&
                     has("score", is_text) && has("template", is_text) &&
                     has("topk", [](const ordered_json& value) { return value.is_number_integer(); }) &&
                     std::all_of(json["labels"].begin(), json["labels"].end(), is_text) &&
                     json["labels"].size() == json["thresholds"].size();
  TORCH_CHECK(whole, "--thresholds: ", path,
              ": expected a file that eval --fit-thresholds wrote, got another. Write one with that.");
  return json;
}

template <typename Value>
void check_same(const std::string& flag, const Value& fitted, const Value& given, const std::string& path) {
  TORCH_CHECK_VALUE(fitted == given, "--", flag, ": expected ", fitted, ", which the thresholds of ", path,
                    " were fitted to, got ", given, ". Give --", flag, " ", fitted,
                    " (of an exported model: to prepare export), or fit others.");
}

void check_labels(const std::vector<std::string>& fitted, const std::vector<std::string>& given,
                  const std::string& path) {
  const auto [theirs, ours] = std::mismatch(fitted.begin(), fitted.end(), given.begin(), given.end());
  const auto shown = [](const auto& place, const std::vector<std::string>& labels) {
    return place == labels.end() ? std::string("no more") : "'" + *place + "'";
  };
  TORCH_CHECK(theirs == fitted.end() && ours == given.end(), "--thresholds: ", path,
              ": expected thresholds for the labels given, ", shown(ours, given), " as number ",
              ours - given.begin() + 1, ", got ", shown(theirs, fitted),
              ". Give the labels that they were fitted to, in that order, or fit others.");
}

}  // namespace

std::string write_thresholds(const EvalOptions& options, const ScoredImages& scored,
                             const data::Dataset& dataset) {
  const auto fitted = metrics::fit_thresholds(scored.gzsl, dataset.labels.dense(scored.indices));
  const ordered_json json =
      to_json(fitted, options, data::all_labels(dataset), static_cast<std::int64_t>(scored.indices.size()));
  io::write_atomically(options.fit_thresholds, [&](std::ostream& out) {
    out << json.dump(1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
  });
  log::info(cat("wrote ", options.fit_thresholds));
  return in_words("a threshold a label", fitted.per_label_f1, fitted.per_label_cross) +
         in_words("one threshold for all", fitted.for_all_f1, fitted.for_all_cross);
}

torch::Tensor load_thresholds(const TaggerOptions& options, const std::vector<std::string>& labels) {
  const std::string& path = options.thresholds;
  const ordered_json json = parse_file(path);
  check_labels(json["labels"].get<std::vector<std::string>>(), labels, path);
  check_same("score", json["score"].get<std::string>(), score_name(options.score, !options.img_ckpt.empty()),
             path);
  check_same("topk", json["topk"].get<std::int64_t>(), options.clip.topk, path);
  check_same("template", json["template"].get<std::string>(), options.clip.prompt_template, path);
  return torch::tensor(json["thresholds"].get<std::vector<double>>(), torch::kFloat64);
}

}  // namespace mkt::train
