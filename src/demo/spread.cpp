#include "demo/spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/text.h"
#include "demo/summary.h"
#include "io/file_checks.h"
#include "io/json.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const MeanAndDeviation& value) {
  return {{"mean", value.mean}, {"sd", value.deviation}};
}

std::string to_text(const MeanAndDeviation& value) {
  return fmt::format("{} ± {}", fixed_text(value.mean, 1), fixed_text(value.deviation, 1));
}

MeanAndDeviation percent(const std::vector<ordered_json>& summaries, const Row& row, const Column& column) {
  std::vector<double> values;
  values.reserve(summaries.size());
  for (const ordered_json& summary : summaries) {
    values.push_back(100 * summary.at(row.key).at(column.setting).at(column.key).get<double>());
  }
  return mean_and_deviation(values);
}

/// Right-aligns a table cell. Assumes that `text` is ASCII except for "±", which has one column and two
/// bytes.
std::string cell(const std::string& text) {
  constexpr std::size_t kWidth = 15;
  return std::string(kWidth - std::min(kWidth, text.size()), ' ') + text;
}

/// Formats the table with all rows and columns; also writes the numbers to `result`.
std::string table(const std::vector<ordered_json>& summaries, ordered_json& result) {
  std::string text(26, ' ');
  for (const Column& column : summary_columns()) {
    const std::string setting = column.setting[0] == 'g' ? "GZSL" : "ZSL";
    text += fmt::format("{:>14}", fmt::format("{} {}", setting, column.title));
  }
  text += "\n";
  for (const Row& row : summary_rows()) {
    const auto has_row = [&](const ordered_json& summary) { return summary.contains(row.key); };
    if (!std::all_of(summaries.begin(), summaries.end(), has_row)) continue;
    text += fmt::format("{:<26}", row.title);
    for (const Column& column : summary_columns()) {
      const MeanAndDeviation value = percent(summaries, row, column);
      result[row.key][column.setting][column.key] = to_json(value);
      text += cell(to_text(value));
    }
    text += "\n";
  }
  return text;
}

std::string gains_text(const MeanAndDeviation& all, const std::vector<double>& gains) {
  std::string text = fmt::format(
      "Stage 1 against the best zero-shot score, points of ZSL mAP: {} over {} runs:", to_text(all),
      gains.size());
  for (const double value : gains) text += " " + fixed_text(value, 1);
  return text + "\n";
}

}  // namespace

MeanAndDeviation mean_and_deviation(const std::vector<double>& values) {
  TORCH_CHECK_VALUE(!values.empty(), "mean: expected at least one value, got none.");
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() == 1 ? 0 : std::sqrt(squares / (count - 1))};
}

std::string spread(const SpreadOptions& options) {
  io::require_writable("json", options.json);
  std::vector<ordered_json> summaries;
  std::vector<double> gains;
  for (const std::string& path : options.summaries) {
    io::require_file("summary", path);
    summaries.push_back(read_json(path));
    gains.push_back(gain(summaries.back()));
  }
  ordered_json result = {{"runs", summaries.size()}};
  std::string text = table(summaries, result);
  const MeanAndDeviation all = mean_and_deviation(gains);
  result["gain"] = to_json(all);
  result["gain"]["each"] = gains;
  text += gains_text(all, gains);
  if (!options.json.empty()) io::write_json(options.json, result);
  return text;
}

}  // namespace mkt::demo
