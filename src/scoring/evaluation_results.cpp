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
void add_f1(ordered_json& json, const F1AtK& at) {
  const std::string k = std::to_string(at.k);
  json["f1_" + k] = at.value.f1;
  json["precision_" + k] = at.value.precision;
  json["recall_" + k] = at.value.recall;
}

ordered_json class_json(const std::string& label, const SettingResult& result, std::int64_t row) {
  const bool counts = result.counted[row].item<bool>();
  return {{"label", label},
          {"ap", counts ? ordered_json(result.average_precision[row].item<double>()) : ordered_json()},
          {"positives", result.positives[row].item<std::int64_t>()},
          {"tied_share", result.tied_share[row].item<double>()}};
}

/// Formats the metrics of one setting; "classes" is omitted if `labels` is empty.
ordered_json setting_json(const SettingResult& result, Protocol protocol,
                          const std::vector<std::string>& labels) {
  ordered_json json;
  json["map"] = result.map;
  const std::optional<double> with_positives = result.map_with_positives();
  json["map_with_positives"] = with_positives ? ordered_json(*with_positives) : ordered_json();
  json["labels_without_positives"] = result.labels_without_positives();
  for (const F1AtK& at : result.f1) add_f1(json, at);
  if (result.map_per_image) json["map_per_image"] = *result.map_per_image;
  if (protocol == Protocol::kBiam) {
    json["weighted_map"] = result.weighted_map;
    json["labels"] = result.labels();
    json["images"] = result.images;
  }
  if (labels.empty()) return json;
  json["classes"] = ordered_json::array();
  for (std::size_t i = 0; i < labels.size(); ++i)
    json["classes"].push_back(class_json(labels[i], result, static_cast<std::int64_t>(i)));
  return json;
}

/// Adds "id" to the "classes" of a setting; `ids` is empty if the data set has none.
void add_ids(ordered_json& setting, const std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) setting["classes"][i]["id"] = ids[i];
}

constexpr std::size_t kLeastNameWidth = 6;
constexpr std::size_t kLeastColumnWidth = 8;

int column_width(const MetricColumn& column) {
  return static_cast<int>(std::max(kLeastColumnWidth, column.name.size() + 2));
}

void table_row(std::ostream& out, std::size_t width, const std::string& name,
               const std::vector<MetricColumn>& columns, const SettingResult& result) {
  out << std::left << std::setw(static_cast<int>(width)) << name << std::right << std::fixed
      << std::setprecision(2);
  for (const MetricColumn& column : columns)
    out << std::setw(column_width(column)) << 100 * column.value(result);
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

/// Returns a line that says which images and labels of a setting count.
std::string counted_line(const std::string& name, const SettingResult& result) {
  const std::int64_t labels = result.labels();
  const std::string which =
      labels == result.all_labels()
          ? fmt::format("all {} labels", labels)
          : fmt::format("the {} of {} labels annotated in them", labels, result.all_labels());
  return fmt::format("{}: the {} images with a positive count; mAP over {}\n", name, result.images, which);
}

using NamedSetting = std::pair<std::string, const SettingResult*>;

std::vector<NamedSetting> settings_of(const EvaluationResult& result) {
  std::vector<NamedSetting> settings = {{"ZSL", &result.zsl}, {"GZSL", &result.gzsl}};
  if (result.seen) settings.emplace_back("SEEN", &*result.seen);
  for (const auto& [name, setting] : result.sets) settings.emplace_back(name, &setting);
  return settings;
}

/// Returns the labels of each setting, in the order of settings_of().
std::vector<std::vector<std::string>> labels_of_settings(const EvaluationResult& result,
                                                         const data::Dataset& dataset) {
  const std::vector<std::string> all = data::all_labels(dataset);
  std::vector<std::vector<std::string>> labels = {dataset.unseen, all};
  if (result.seen) labels.push_back(dataset.seen);
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
  if (result.seen) add_ids(json["seen"], dataset.seen_ids);
  for (std::size_t i = 0; i < result.sets.size(); ++i) {
    std::vector<std::string> ids;
    for (const std::int64_t label : dataset.sets[i].labels)
      ids.push_back(all[static_cast<std::size_t>(label)]);
    add_ids(json["sets"][result.sets[i].first], ids);
  }
}

}  // namespace

std::vector<MetricColumn> metric_columns(const MetricOptions& options) {
  std::vector<MetricColumn> columns = {{"mAP", [](const SettingResult& result) { return result.map; }}};
  if (options.protocol == Protocol::kBiam)
    columns.push_back({"w-mAP", [](const SettingResult& result) { return result.weighted_map; }});
  if (options.per_image)
    columns.push_back({"mAP/img", [](const SettingResult& result) { return result.map_per_image.value(); }});
  for (std::size_t i = 0; i < options.k.size(); ++i) {
    const std::string at = "@" + std::to_string(options.k[i]);
    const auto f1 = [i](const SettingResult& result) -> const metrics::F1& { return result.f1.at(i).value; };
    columns.push_back({"F1" + at, [f1](const SettingResult& result) { return f1(result).f1; }});
    columns.push_back({"P" + at, [f1](const SettingResult& result) { return f1(result).precision; }});
    columns.push_back({"R" + at, [f1](const SettingResult& result) { return f1(result).recall; }});
  }
  return columns;
}

nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes) {
  const Protocol protocol = result.options.protocol;
  std::vector<std::vector<std::string>> labels(settings_of(result).size());
  if (with_classes) labels = labels_of_settings(result, dataset);
  auto next = labels.cbegin();
  ordered_json json;
  json["zsl"] = setting_json(result.zsl, protocol, *next++);
  json["gzsl"] = setting_json(result.gzsl, protocol, *next++);
  if (result.seen) json["seen"] = setting_json(*result.seen, protocol, *next++);
  for (const auto& [name, setting] : result.sets)
    json["sets"][name] = setting_json(setting, protocol, *next++);
  json["images"] = result.images;
  if (with_classes) add_ids(json, result, dataset);
  json["protocol"] = enum_name(protocol);
  json["k"] = result.options.k;
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

std::string k_warning(const EvaluationResult& result) {
  std::vector<std::string> parts;
  for (const auto& [name, setting] : settings_of(result)) {
    std::vector<std::string> larger;
    for (const std::int64_t k : result.options.k) {
      if (k > setting->predictable) larger.push_back(std::to_string(k));
    }
    if (!larger.empty())
      parts.push_back(fmt::format("{} has {} (k = {})", name, setting->predictable, join(larger, ", ")));
  }
  if (parts.empty()) return "";
  return "k: F1 at k predicts all labels of a setting that has fewer than k: " + join(parts, "; ") + ".";
}

std::string to_table(const EvaluationResult& result) {
  std::size_t width = kLeastNameWidth;
  const std::vector<NamedSetting> settings = settings_of(result);
  const std::vector<MetricColumn> columns = metric_columns(result.options);
  for (const auto& [name, setting] : settings) width = std::max(width, name.size() + 1);
  std::ostringstream out;
  out << std::string(width, ' ');
  for (const MetricColumn& column : columns) out << std::setw(column_width(column)) << column.name;
  out << "\n";
  for (const auto& [name, setting] : settings) table_row(out, width, name, columns, *setting);
  for (const auto& [name, setting] : settings) out << without_positives_line(name, *setting);
  if (result.options.protocol == Protocol::kBiam) {
    for (const auto& [name, setting] : settings) out << counted_line(name, *setting);
  }
  out << result.images << " images\n";
  return out.str();
}

std::string headline(const EvaluationResult& result) {
  const auto text = [](const char* name, const SettingResult& setting) {
    return fmt::format("{} mAP {:.2f}, F1@{} {:.2f}", name, 100 * setting.map, setting.f1.front().k,
                       100 * setting.f1.front().value.f1);
  };
  return text("ZSL", result.zsl) + "; " + text("GZSL", result.gzsl);
}

}  // namespace mkt::scoring
