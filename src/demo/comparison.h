#pragma once
// Compares the variants of a study (scripts/study.sh) over its seeds.

#include <string>

#include "demo/options.h"

namespace mkt::demo {

/// Reads the table options.cells, one result per line in four columns separated by tabs: row, the row to
/// compare it with ("-": none), seed, JSON file of eval. Returns two tables: mean ± deviation per row, and
/// the paired differences of rows and their bases (result_table.h). Writes options.json if it is set:
/// {"seeds", "rows": {<row>: {<setting>: {<key>: {"mean", "sd"}}}}, "differences": {<row>: …}}, in percent.
/// Throws c10::Error naming the line or the file if a row lacks a seed of the others or has one twice, if a
/// base is missing, or if metrics or numbers of images differ.
std::string compare(const ComparisonOptions& options);

}  // namespace mkt::demo
