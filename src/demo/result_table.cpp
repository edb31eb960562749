#include "demo/result_table.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "demo/sample_statistics.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLeastTitle = 26;
constexpr std::size_t kMeanWidth = 14;
constexpr std::size_t kDifferenceWidth = 22;

/// Right-aligns a table cell. Assumes that `text` is ASCII except for "±", which has one column and two
/// bytes.
std::string cell(const std::string& text, std::size_t width) {
  const std::size_t bytes = width + (text.find("±") == std::string::npos ? 0 : 1);
  return std::string(bytes - std::min(bytes, text.size()), ' ') + text;
}

template <typename Rows>
std::size_t title_width(const Rows& rows) {
  std::size_t width = kLeastTitle;
  for (const auto& row : rows) width = std::max(width, row.title.size() + 2);
  return width;
}

std::string heading(std::size_t titles, const std::vector<Column>& columns, std::size_t width) {
  std::string text(titles, ' ');
  for (const Column& column : columns) text += cell(full_title(column), width);
  return text + "\n";
}

std::string signed_text(double value) {
  const std::string text = fixed_text(value, 1);
  return text[0] == '-' ? text : "+" + text;
}

std::string to_text(const PairedDifference& difference) {
  const std::string text =
      fmt::format("{} ± {}", signed_text(difference.all.mean), fixed_text(difference.all.deviation, 1));
  if (!difference.half_width) return text + "       ";
  return fmt::format("{} ({}){}", text, fixed_text(*difference.half_width, 1),
                     difference.differs_from_zero() ? "*" : " ");
}

ordered_json to_json(const PairedDifference& difference) {
  ordered_json numbers = {{"mean", difference.all.mean}, {"sd", difference.all.deviation}};
  numbers["half_width"] = difference.half_width ? ordered_json(*difference.half_width) : ordered_json();
  numbers["each"] = difference.each;
  return numbers;
}

}  // namespace

std::vector<Column> columns_of(const ordered_json& result, const std::string& path) {
  std::vector<Column> columns;
  for (const char* setting : {"zsl", "gzsl"}) {
    const bool found = result.contains(setting) && result[setting].contains("map");
    TORCH_CHECK(found, path, ": expected a JSON result of eval, got one without ", setting,
                "'s map. Evaluate again.");
    columns.push_back({setting, "map", "mAP"});
    for (const auto& [key, value] : result[setting].items()) {
      if (starts_with(key, "f1_")) columns.push_back({setting, key, "F1@" + key.substr(3)});
    }
  }
  return columns;
}

void require_columns(const ordered_json& result, const std::string& path, const std::vector<Column>& columns,
                     const std::string& first) {
  for (const Column& column : columns) {
    TORCH_CHECK(result.contains(column.setting) && result[column.setting].contains(column.key), path,
                ": expected a JSON result of eval, got one without ", column.setting, "'s ", column.key,
                ". Evaluate again.");
  }
  for (const Column& column : columns_of(result, path)) {
    TORCH_CHECK(std::find(columns.begin(), columns.end(), column) != columns.end(), path,
                ": expected the metrics of ", first, ", got ", column.setting, "'s ", column.key,
                " as well. Evaluate again with the same k.");
  }
}

std::string full_title(const Column& column) {
  return (column.setting == "gzsl" ? "GZSL " : "ZSL ") + column.title;
}

std::vector<double> percents(const ResultRow& row, const Column& column) {
  std::vector<double> values;
  values.reserve(row.results.size());
  for (const ordered_json& result : row.results)
    values.push_back(100 * result.at(column.setting).at(column.key).get<double>());
  return values;
}

std::string mean_table(const std::vector<ResultRow>& rows, const std::vector<Column>& columns,
                       ordered_json& numbers) {
  const std::size_t titles = title_width(rows);
  std::string text = heading(titles, columns, kMeanWidth);
  for (const ResultRow& row : rows) {
    text += fmt::format("{:<{}}", row.title, titles);
    for (const Column& column : columns) {
      const MeanAndDeviation value = mean_and_deviation(percents(row, column));
      numbers[row.key][column.setting][column.key] = {{"mean", value.mean}, {"sd", value.deviation}};
      text +=
          cell(fmt::format("{} ± {}", fixed_text(value.mean, 1), fixed_text(value.deviation, 1)), kMeanWidth);
    }
    text += "\n";
  }
  return text;
}

std::string difference_table(const std::vector<Comparison>& comparisons, const std::vector<Column>& columns,
                             ordered_json& numbers) {
  if (comparisons.empty()) return "";
  const std::size_t titles = title_width(comparisons);
  std::string text =
      "Paired differences, points: mean ± deviation (half of the mean's 95 % t interval; * leaves out 0)\n" +
      heading(titles, columns, kDifferenceWidth);
  for (const Comparison& comparison : comparisons) {
    text += fmt::format("{:<{}}", comparison.title, titles);
    for (const Column& column : columns) {
      const PairedDifference difference =
          paired_difference(percents(*comparison.row, column), percents(*comparison.base, column));
      numbers["differences"][comparison.key][column.setting][column.key] = to_json(difference);
      text += cell(to_text(difference), kDifferenceWidth);
    }
    text += "\n";
  }
  return text;
}

}  // namespace mkt::demo
