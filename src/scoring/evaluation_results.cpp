// Formats evaluation metrics as JSON and as a table.

#include <algorithm>
#include <iomanip>
#include <sstream>

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
  add_f1(json, 3, result.f1_3);
  add_f1(json, 5, result.f1_5);
  if (labels.empty()) return json;
  json["classes"] = ordered_json::array();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    json["classes"].push_back({{"label", labels[i]},
                               {"ap", result.average_precision[row].item<double>()},
                               {"positives", result.positives[row].item<std::int64_t>()}});
  }
  return json;
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

}  // namespace

nlohmann::ordered_json to_json(const EvaluationResult& result, const data::Dataset& dataset,
                               bool with_classes) {
  ordered_json json;
  json["zsl"] = setting_json(result.zsl, with_classes ? dataset.unseen : std::vector<std::string>{});
  const std::vector<std::string> all = data::all_labels(dataset);
  json["gzsl"] = setting_json(result.gzsl, with_classes ? all : std::vector<std::string>{});
  for (std::size_t i = 0; i < result.sets.size(); ++i) {
    std::vector<std::string> labels;
    for (const std::int64_t label : dataset.sets[i].labels)
      labels.push_back(all[static_cast<std::size_t>(label)]);
    json["sets"][result.sets[i].first] =
        setting_json(result.sets[i].second, with_classes ? labels : std::vector<std::string>{});
  }
  json["images"] = result.images;
  return json;
}

std::string to_table(const EvaluationResult& result) {
  std::size_t width = kLeastNameWidth;
  for (const auto& [name, setting] : result.sets) width = std::max(width, name.size() + 1);
  std::ostringstream out;
  out << std::string(width, ' ') << "     mAP    F1@3     P@3     R@3    F1@5     P@5     R@5\n";
  table_row(out, width, "ZSL", result.zsl);
  table_row(out, width, "GZSL", result.gzsl);
  for (const auto& [name, setting] : result.sets) table_row(out, width, name, setting);
  out << result.images << " images\n";
  return out.str();
}

}  // namespace mkt::scoring
