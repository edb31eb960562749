#pragma once
// The summary of a demo run: results of all ways to score.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "demo/options.h"

namespace mkt::demo {

/// One way to score: its key in the summary and its title in the table.
struct Row {
  const char* key;
  const char* title;
};
/// chance, zero_shot, zero_shot_global, stage1, stage2.
const std::vector<Row>& summary_rows();

/// One column of the table: its place in eval's JSON and its title.
struct Column {
  const char* setting;  ///< "zsl" or "gzsl"
  const char* key;      ///< "map", "f1_3", "f1_5"
  const char* title;
};
const std::vector<Column>& summary_columns();

/// Results of random scores on a data set's test images, in the form of eval's JSON.
nlohmann::ordered_json chance(const std::string& data_path, std::uint64_t seed);

/// Gain of stage 1 over the better of the two zero-shot scores, in percentage points of ZSL mAP.
double gain(const nlohmann::ordered_json& summary);

/// Reads results that `eval --json` wrote, adds chance, and writes options.json: {"chance": …, "zero_shot":
/// …, "zero_shot_global": …, "stage1": …, "stage2": …}, each in the form of eval's JSON. Returns a table in
/// percent. Throws c10::Error naming a file of another form.
std::string summarise(const SummaryOptions& options);

/// Reads a result of `eval --json` or a summary. Throws c10::Error naming the file if it is not a JSON
/// object.
nlohmann::ordered_json read_json(const std::string& path);

}  // namespace mkt::demo
