#pragma once
// Tables of evaluations over several runs, in percent.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mkt::demo {

/// A table column: its keys in eval's JSON and its title.
struct Column {
  std::string setting;  ///< first key: "zsl" or "gzsl"
  std::string key;      ///< second key: "map" or "f1_" and a number of labels
  std::string title;    ///< "mAP", "F1@3"

  bool operator==(const Column& other) const { return setting == other.setting && key == other.key; }
};

/// Returns the columns of a result of eval, which its keys decide: mAP and each F1, for ZSL and for GZSL.
/// Throws c10::Error that begins with `path` if the result is not one of eval.
std::vector<Column> columns_of(const nlohmann::ordered_json& result, const std::string& path);

/// Throws c10::Error that begins with `path` if a result lacks a column, or has one that is not in `columns`,
/// those of the file `first`.
void require_columns(const nlohmann::ordered_json& result, const std::string& path,
                     const std::vector<Column>& columns, const std::string& first);

/// Returns "ZSL mAP".
std::string full_title(const Column& column);

/// A row: the results of one model or variant, one per run in the same order in all rows.
struct ResultRow {
  std::string key;
  std::string title;
  std::vector<nlohmann::ordered_json> results;
};

/// Returns the values of a column, one per run, in percent.
std::vector<double> percents(const ResultRow& row, const Column& column);

/// Formats the rows' means and deviations. Adds to `numbers`: {<row key>: {<setting>: {<key>: {"mean",
/// "sd"}}}}.
std::string mean_table(const std::vector<ResultRow>& rows, const std::vector<Column>& columns,
                       nlohmann::ordered_json& numbers);

/// A row compared with its base.
struct Comparison {
  std::string key;
  std::string title;
  const ResultRow* row = nullptr;
  const ResultRow* base = nullptr;
};

/// Formats the paired differences row − base in points of percent: mean ± deviation, in parentheses half of
/// the mean's 95 % t interval, and a * if that interval leaves out 0. Adds to numbers["differences"]: {<key>:
/// {<setting>: {<key>: {"mean", "sd", "half_width", "each"}}}}; "half_width" is null for a single run.
std::string difference_table(const std::vector<Comparison>& comparisons, const std::vector<Column>& columns,
                             nlohmann::ordered_json& numbers);

}  // namespace mkt::demo
