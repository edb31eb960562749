// Formats evaluation metrics as JSON and as a table.

#include <fmt/format.h>

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "core/text.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {
namespace {

using nlohmann::ordered_json;

/// Adds "f1_k", "precision_k" and "recall_k".
void add_f1(ordered_json& json, int k, const metrics::F1& value) {
  json["f1_" + std::to_string(k)] = value.f1;
  json["precision_" + std::to_string(k)] = value.precision;
  json["recall_" + std::to_string(k)] = value.recall;
}

/// Formats the metrics of one setting; "classes" is omitted if `labels` is empty.
ordered_json setting_json(const SettingResult& result, const std::vector<std::string>& labels) {
  ordered_json json;
  json["map"] = result.map;
  const std::optional<double> with_positives = result.map_with_positives();
  json["map_with_positives"] = with_positives ? ordered_json(*with_positives) : ordered_json();
  json["labels_without_positives"] = result.labels_without_positives();
  add_f1(json, 3, result.f1_3);
  add_f1(json, 5, result.f1_5);
  if (labels.empty()) return json;
  json["classes"] = ordered_json::array();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    json["classes"].push_back({{"label", labels[i]},
                               {"ap", result.average_precision[row].item<double>()},
                               {"positives", result.positives[row].item<std::int64_t>()},
                               {"tied_share", result.tied_share[row].item<double>()}});
  }
  return json;
}

/// Adds "id" to the "classes" of a setting; `ids` is empty if the data set has none.
void add_ids(ordered_json& setting, const std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) setting["classes"][i]["id"] = ids[i];
}

constexpr std::size_t kLeastNameWidth = 6;

void table_row(std::ostream& out, std::size_t width, const std::string& name, const SettingResult& result) {
  out << std::left << std::setw(static_cast<int>(width)) << name << std::right << std::fixed
      << std::setprecision(2);
  for (const double value : {result.map, result.f1_3.f1, result.f1_3.precision, result.f1_3.recall,
                             result.f1_5.f1, result.f1_5.precision, result.f1_5.recall}) {
    out << std::setw(8) << 100 * value;
  }
  out << "\n";
}

/// Returns "" or a line about the labels without a positive image.
std::string without_positives_line(const std::string& name, const SettingResult& result) {
  const std::int64_t count = result.labels_without_positives();
  if (count == 0) return "";
  const std::optional<double> others = result.map_with_positives();
  return fmt::format(
      "{}: {} of {} labels have no positive image and count as 0 in mAP; mAP of the others {}\n", name, count,
      result.labels(), others ? fixed_text(100 * *others, 2) : "undefined");
}

using NamedSetting = std::pair<std::string, const SettingResult*>;

std::vector<NamedSetting> settings_of(const EvaluationResult& result) {
  std::vector<NamedSetting> settings = {{"ZSL", &result.zsl}, {"GZSL", &result.gzsl}};
  for (const auto& [name, setting] : result.sets) settings.emplace_back(name, &setting);
  return settings;
}

/// Returns the labels of each setting, in the order of settings_of().
std::vector<std::vector<std::string>> labels_of_settings(const EvaluationResult& result,
                                                         const data::Dataset& dataset) {
  const std::vector<std::string> all = data::all_labels(dataset);
  std::vector<std::vector<std::string>> labels = {dataset.unseen, all};
  for (std::size_t i = 0; i < result.sets.size(); ++i) {
    labels.emplace_back();
    for (const std::int64_t label : dataset.sets[i].labels)
      labels.back().push_back(all[static_cast<std::size_t>(label)]);
  }
  return labels;
}

/// Adds the classes' ids to the settings, if the data set has ids.
void add_ids(ordered_json& json, const EvaluationResult& result, const data::Dataset& dataset) {
  const std::vector<std::string> all = data::all_ids(dataset);
  if (all.empty()) return;
  add_ids(json["zsl"], dataset.unseen_ids);
  add_ids(json["gzsl"], all);
  for (std::size_t i = 0; i < result.sets.size(); ++i) {
    std::vector<std::string> ids;
    for (const std::int64_t label : dataset.sets[i].labels)
      ids.push_back(all[static_cast<std::size_t>(label)]);
    add_ids(json["sets"][result.sets[i].first], ids);
  }
}

}  // namespace

nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes) {
  ordered_json json;
  std::vector<std::vector<std::string>> labels(result.sets.size() + 2);
  if (with_classes) labels = labels_of_settings(result, dataset);
  json["zsl"] = setting_json(result.zsl, labels[0]);
  json["gzsl"] = setting_json(result.gzsl, labels[1]);
  for (std::size_t i = 0; i < result.sets.size(); ++i)
    json["sets"][result.sets[i].first] = setting_json(result.sets[i].second, labels[i + 2]);
  json["images"] = result.images;
  if (with_classes) add_ids(json, result, dataset);
  return json;
}

std::string ties_warning(const EvaluationResult& result, const data::Dataset& dataset) {
  constexpr double kMany = 0.01;
  const std::vector<NamedSetting> settings = settings_of(result);
  const auto labels = labels_of_settings(result, dataset);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const SettingResult& setting = *settings[i].second;
    const std::int64_t count = setting.tied_share.gt(kMany).sum().item<std::int64_t>();
    if (count == 0) continue;
    const std::int64_t worst = setting.tied_share.argmax().item<std::int64_t>();
    parts.push_back(fmt::format("{}: {} of {} labels, most of all '{}' ({} % of its images)",
                                settings[i].first, count, setting.labels(),
                                labels[i][static_cast<std::size_t>(worst)],
                                fixed_text(100 * setting.tied_share[worst].item<double>(), 1)));
  }
  if (parts.empty()) return "";
  return fmt::format(
      "equal scores: over 1 % of a label's images have the score of another image. {}. They are "
      "ranked in list order, so AP depends on that order.",
      join(parts, "; "));
}

std::string to_table(const EvaluationResult& result) {
  std::size_t width = kLeastNameWidth;
  const std::vector<NamedSetting> settings = settings_of(result);
  for (const auto& [name, setting] : settings) width = std::max(width, name.size() + 1);
  std::ostringstream out;
  out << std::string(width, ' ') << "     mAP    F1@3     P@3     R@3    F1@5     P@5     R@5\n";
  for (const auto& [name, setting] : settings) table_row(out, width, name, *setting);
  for (const auto& [name, setting] : settings) out << without_positives_line(name, *setting);
  out << result.images << " images\n";
  return out.str();
}

}  // namespace mkt::scoring
