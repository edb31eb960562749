#pragma once
// Summarises a demo run: results for every scoring method.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "demo/options.h"
#include "demo/result_table.h"
#include "scoring/protocol.h"

namespace mkt::demo {

/// A scoring method: its key in the summary and its title in the table.
struct Row {
  const char* key;
  const char* title;
};
/// Returns the rows chance, zero_shot, zero_shot_global, zero_shot_cosine, zero_shot_probability (summaries
/// of earlier versions lack the last two), stage1, stage2, recommended_stage1, recommended_stage2 (only if
/// that recipe was run).
const std::vector<Row>& summary_rows();

/// Evaluates random scores on the test images of a data set; returns the result in the format of eval's JSON.
nlohmann::ordered_json chance(const std::string& data_path, std::uint64_t seed,
                              const scoring::MetricOptions& metrics = {});

/// Returns the gain by stage 1 over the best zero-shot result, in percentage points of ZSL mAP.
double gain(const nlohmann::ordered_json& summary);

/// Reads results written by `eval --json`, adds the results of random scores, and writes options.json:
/// {"chance": …, "zero_shot": …, "zero_shot_global": …, "zero_shot_cosine": …, "zero_shot_probability": …,
/// "stage1": …, "stage2": …, "recommended_stage1": …, "recommended_stage2": …}, each in the format of eval's
/// JSON. The columns follow the numbers of labels that eval was given. Returns a table in percent. Throws
/// c10::Error naming a file with another format or other columns than options.zero_shot.
std::string summarise(const SummaryOptions& options);

/// Reads a result written by `eval --json`, or a summary. Throws c10::Error naming the file if it is not a
/// JSON object.
nlohmann::ordered_json read_json(const std::string& path);

}  // namespace mkt::demo
