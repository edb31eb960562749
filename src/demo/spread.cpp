#include "demo/spread.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "demo/sample_statistics.h"
#include "demo/summary.h"
#include "io/file_checks.h"
#include "io/json.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

std::vector<ordered_json> read_summaries(const std::vector<std::string>& paths) {
  std::vector<ordered_json> summaries;
  for (const std::string& path : paths) {
    io::require_file("summary", path);
    summaries.push_back(read_json(path));
    for (const char* key : {"zero_shot", "zero_shot_global", "stage1"}) {
      TORCH_CHECK(summaries.back().contains(key), path, ": expected a summary of a demo, got one without ",
                  key, ". Write it with prepare demo-summary.");
    }
  }
  return summaries;
}

/// Returns the rows that all summaries have, checked to have the same columns.
std::vector<ResultRow> rows_of(const std::vector<ordered_json>& summaries,
                               const std::vector<std::string>& paths, const std::vector<Column>& columns) {
  std::vector<ResultRow> rows;
  for (const Row& row : summary_rows()) {
    const auto has_row = [&](const ordered_json& summary) { return summary.contains(row.key); };
    if (!std::all_of(summaries.begin(), summaries.end(), has_row)) continue;
    rows.push_back({row.key, row.title, {}});
    for (std::size_t i = 0; i < summaries.size(); ++i) {
      rows.back().results.push_back(summaries[i][row.key]);
      require_columns(rows.back().results.back(), paths[i], columns, paths.front());
    }
  }
  return rows;
}

/// Pairs the rows of both recipes.
std::vector<Comparison> comparisons_of(const std::vector<ResultRow>& rows) {
  const auto row = [&](const std::string& key) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const ResultRow& one) { return one.key == key; });
    return found == rows.end() ? nullptr : &*found;
  };
  std::vector<Comparison> comparisons;
  for (const std::string stage : {"stage1", "stage2"}) {
    const ResultRow* base = row(stage);
    const ResultRow* recommended = row("recommended_" + stage);
    if (base == nullptr || recommended == nullptr) continue;
    comparisons.push_back({stage, base->title + ", recommended − published", recommended, base});
  }
  return comparisons;
}

std::string gains_text(const MeanAndDeviation& all, const std::vector<double>& gains) {
  std::string text =
      fmt::format("Stage 1 against the best zero-shot score, points of ZSL mAP: {} ± {} over {} runs:",
                  fixed_text(all.mean, 1), fixed_text(all.deviation, 1), gains.size());
  for (const double value : gains) text += " " + fixed_text(value, 1);
  return text + "\n";
}

}  // namespace

std::string spread(const SpreadOptions& options) {
  io::require_writable("json", options.json);
  const auto summaries = read_summaries(options.summaries);
  std::vector<double> gains;
  for (const ordered_json& summary : summaries) gains.push_back(gain(summary));
  const auto columns = columns_of(summaries.front()["zero_shot"], options.summaries.front());
  const auto rows = rows_of(summaries, options.summaries, columns);
  ordered_json result = {{"runs", summaries.size()}};
  std::string text = mean_table(rows, columns, result);
  text += difference_table(comparisons_of(rows), columns, result);
  const MeanAndDeviation all = mean_and_deviation(gains);
  result["gain"] = {{"mean", all.mean}, {"sd", all.deviation}, {"each", gains}};
  text += gains_text(all, gains);
  if (!options.json.empty()) io::write_json(options.json, result);
  return text;
}

}  // namespace mkt::demo
