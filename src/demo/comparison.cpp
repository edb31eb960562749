#include "demo/comparison.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.h"
#include "demo/result_table.h"
#include "demo/summary.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "io/numbered_lines.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

constexpr const char* kNoBase = "-";

/// One line of the table of cells.
struct Cell {
  std::string row;
  std::string base;
  std::string seed;
  std::string path;
};

Cell parse_cell(std::string_view line, const std::string& where) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    parts.emplace_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  const bool full = parts.size() == 4 && std::none_of(parts.begin(), parts.end(),
                                                      [](const std::string& part) { return part.empty(); });
  TORCH_CHECK(full, where, ": expected row, base, seed and file, separated by tabs, got '", std::string(line),
              "'. Write the table again.");
  return {parts[0], parts[1], parts[2], parts[3]};
}

/// The rows of a study, in the order of the table.
class Cells {
 public:
  explicit Cells(const std::string& path) : path_(path) {
    for (io::NumberedLines lines(path); lines.next();) {
      const Cell cell = parse_cell(lines.text(), lines.where());
      if (results_.count(cell.row) == 0) rows_.push_back(cell.row);
      add(cell, lines.where());
    }
    TORCH_CHECK(!rows_.empty(), path, ": expected at least one result, got none. Run the study again.");
    for (const std::string& row : rows_) check(row);
  }

  const std::vector<std::string>& rows() const { return rows_; }
  const std::string& base(const std::string& row) const { return bases_.at(row); }
  std::vector<std::string> seeds() const { return seeds_of(rows_.front()); }
  /// Returns the result files of a row, in the order of seeds().
  std::vector<std::string> files(const std::string& row) const {
    std::vector<std::string> files;
    for (const auto& [seed, file] : results_.at(row)) files.push_back(file);
    return files;
  }

 private:
  void add(const Cell& cell, const std::string& where) {
    const bool fresh = results_[cell.row].emplace(cell.seed, cell.path).second;
    TORCH_CHECK(fresh, where, ": expected each seed of a row once, got '", cell.row, "', seed ", cell.seed,
                " again. Remove one of the lines.");
    const std::string& base = bases_.emplace(cell.row, cell.base).first->second;
    TORCH_CHECK(base == cell.base, where, ": expected one base per row, got '", cell.base, "' after '", base,
                "' for '", cell.row, "'. Correct the line.");
  }

  void check(const std::string& row) const {
    TORCH_CHECK(seeds_of(row) == seeds(), path_, ": expected the same seeds in all rows, got ",
                join(seeds_of(row), ", "), " for '", row, "' and ", join(seeds(), ", "), " for '",
                rows_.front(), "'. Finish the study.");
    const std::string& base = bases_.at(row);
    TORCH_CHECK(base == kNoBase || (base != row && results_.count(base) != 0), path_,
                ": expected another row as the base of '", row, "', got '", base,
                "'. Name a row of the table.");
  }

  std::vector<std::string> seeds_of(const std::string& row) const {
    std::vector<std::string> seeds;
    for (const auto& [seed, file] : results_.at(row)) seeds.push_back(seed);
    return seeds;
  }

  std::string path_;
  std::vector<std::string> rows_;
  std::map<std::string, std::string> bases_;
  std::map<std::string, std::map<std::string, std::string>> results_;  // row → seed → file
};

/// Reads results and checks that they have the metrics of the first one read.
class Results {
 public:
  ordered_json read(const std::string& path) {
    io::require_file("cells", path);
    ordered_json result = read_json(path);
    if (columns_.empty()) {
      columns_ = columns_of(result, path);
      first_ = path;
    }
    require_columns(result, path, columns_, first_);
    TORCH_CHECK(result.contains("images"), path,
                ": expected a JSON result of eval, got one without images. Evaluate again.");
    return result;
  }

  const std::vector<Column>& columns() const { return columns_; }

 private:
  std::vector<Column> columns_;
  std::string first_;
};

/// Throws c10::Error if two paired results were measured on different numbers of images.
void require_same_images(const ResultRow& row, const ResultRow& base, const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    TORCH_CHECK(row.results[i]["images"] == base.results[i]["images"], files[i], ": expected ",
                base.results[i]["images"].dump(), " images as in '", base.title, "', got ",
                row.results[i]["images"].dump(), ". Evaluate both on the same images.");
  }
}

std::vector<Comparison> comparisons_of(const Cells& cells, const std::vector<ResultRow>& rows) {
  std::vector<Comparison> comparisons;
  for (const ResultRow& row : rows) {
    const std::string& name = cells.base(row.key);
    if (name == kNoBase) continue;
    const auto base =
        std::find_if(rows.begin(), rows.end(), [&](const ResultRow& one) { return one.key == name; });
    require_same_images(row, *base, cells.files(row.key));
    comparisons.push_back({row.key, fmt::format("{} - {}", row.title, name), &row, &*base});
  }
  return comparisons;
}

}  // namespace

std::string compare(const ComparisonOptions& options) {
  io::require_file("cells", options.cells);
  io::require_writable("json", options.json);
  const Cells cells(options.cells);
  Results results;
  std::vector<ResultRow> rows;
  for (const std::string& row : cells.rows()) {
    rows.push_back({row, row, {}});
    for (const std::string& file : cells.files(row)) rows.back().results.push_back(results.read(file));
  }
  ordered_json numbers = {{"seeds", cells.seeds()}, {"rows", ordered_json::object()}};
  std::string text = fmt::format("Percent, mean ± deviation over {} seeds\n", cells.seeds().size());
  text += mean_table(rows, results.columns(), numbers["rows"]);
  text += difference_table(comparisons_of(cells, rows), results.columns(), numbers);
  if (!options.json.empty()) io::write_json(options.json, numbers);
  return text;
}

}  // namespace mkt::demo
