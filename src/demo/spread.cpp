#include "demo/spread.h"

#include <cmath>
#include <iomanip>
#include <numeric>
#include <sstream>

#include "core/text.h"
#include "demo/summary.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const MeanAndDeviation& value) {
  return {{"mean", value.mean}, {"sd", value.deviation}};
}

std::string to_text(const MeanAndDeviation& value) {
  return cat(fixed_text(value.mean, 1), " ± ", fixed_text(value.deviation, 1));
}

MeanAndDeviation percent(const std::vector<ordered_json>& summaries, const Row& row, const Column& column) {
  std::vector<double> values;
  for (const ordered_json& summary : summaries) {
    values.push_back(100 * summary.at(row.key).at(column.setting).at(column.key).get<double>());
  }
  return mean_and_deviation(values);
}

/// Right-aligned; "±" is one column and two bytes.
std::string cell(const std::string& text) {
  constexpr std::size_t kWidth = 15;
  return std::string(kWidth - std::min(kWidth, text.size()), ' ') + text;
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
  std::ostringstream out;
  out << std::string(26, ' ');
  for (const Column& column : summary_columns())
    out << std::setw(14) << cat(column.setting[0] == 'g' ? "GZSL " : "ZSL ", column.title);
  out << "\n";
  for (const Row& row : summary_rows()) {
    out << std::left << std::setw(26) << row.title << std::right;
    for (const Column& column : summary_columns()) {
      const MeanAndDeviation value = percent(summaries, row, column);
      result[row.key][column.setting][column.key] = to_json(value);
      out << cell(to_text(value));
    }
    out << "\n";
  }
  const MeanAndDeviation all = mean_and_deviation(gains);
  result["gain"] = to_json(all);
  result["gain"]["each"] = gains;
  out << "Stage 1 against the better zero-shot score, points of ZSL mAP: " << to_text(all) << " over "
      << summaries.size() << " runs:";
  for (const double value : gains) out << " " << fixed_text(value, 1);
  out << "\n";
  if (!options.json.empty()) {
    io::write_atomically(options.json, [&](std::ostream& file) { file << result.dump(1) << "\n"; });
  }
  return out.str();
}

}  // namespace mkt::demo
