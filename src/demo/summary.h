#pragma once
// What came of a demo: every way to score beside one another.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "demo/options.h"

namespace mkt::demo {

/// One way to score: its name in the summary and how the table calls it.
struct Row {
  const char* key;
  const char* title;
};
/// chance, zero_shot, zero_shot_global, stage1, stage2.
const std::vector<Row>& summary_rows();

/// One column of the tables: where it lies in eval's JSON and what it is called.
struct Column {
  const char* setting;  ///< "zsl" or "gzsl"
  const char* key;      ///< "map", "f1_3", "f1_5"
  const char* title;
};
const std::vector<Column>& summary_columns();

/// What random scores come to on a data set's test pictures, as eval's JSON.
nlohmann::ordered_json chance(const std::string& data_path, std::uint64_t seed);

/// Points (percent) of ZSL mAP that stage 1 has over the better of the two zero-shot scores.
double gain(const nlohmann::ordered_json& summary);

/// Reads what `eval --json` wrote, adds chance, writes options.json: {"chance": …, "zero_shot": …,
/// "zero_shot_global": …, "stage1": …, "stage2": …}, each in the form of eval's JSON. Returns the table in
/// percent. Throws c10::Error naming a file that is no such JSON.
std::string summarise(const SummaryOptions& options);

/// A result of `eval --json`, or a summary; throws c10::Error naming the file where it is no JSON object.
nlohmann::ordered_json read_json(const std::string& path);

}  // namespace mkt::demo
