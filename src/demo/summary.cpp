#include "demo/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/text.h"
#include "data/nus_wide.h"
#include "io/bytes.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "mkt/core/random.h"
#include "scoring/evaluation.h"

namespace mkt::demo {
namespace {

using nlohmann::ordered_json;

torch::Tensor random_scores(std::int64_t images, std::int64_t labels, KeyedRandom random) {
  torch::Tensor scores = torch::empty({images, labels});
  auto* score = scores.data_ptr<float>();
  for (std::int64_t i = 0; i < scores.numel(); ++i) score[i] = static_cast<float>(random.uniform());
  return scores;
}

/// The columns of a summary, and the file that they come from.
struct Columns {
  std::vector<Column> all;
  std::string source;
};

/// Reads a result of eval; `name` is the option that contains its path.
ordered_json read_result(const std::string& name, const std::string& path, const Columns& columns) {
  io::require_file(name, path);
  ordered_json result = read_json(path);
  require_columns(result, path, columns.all, columns.source);
  return result;
}

Columns read_columns(const std::string& name, const std::string& path) {
  io::require_file(name, path);
  return {columns_of(read_json(path), path), path};
}

/// Returns the numbers of predicted labels per image that the columns have F1 for.
std::vector<std::int64_t> label_counts(const std::vector<Column>& columns) {
  std::vector<std::int64_t> counts;
  for (const Column& column : columns) {
    if (column.setting == "zsl" && column.key != "map") counts.push_back(std::stoll(column.key.substr(3)));
  }
  return counts;
}

std::string table(const ordered_json& summary, const std::vector<Column>& columns) {
  const auto of_zsl = std::count_if(columns.begin(), columns.end(),
                                    [](const Column& column) { return column.setting == "zsl"; });
  std::string text = fmt::format("{:26}{:>8}{:>{}}\n{:26}", "", "ZSL", "GZSL", 8 * of_zsl, "");
  for (const Column& column : columns) text += fmt::format("{:>8}", column.title);
  text += "\n";
  for (const Row& row : summary_rows()) {
    if (!summary.contains(row.key)) continue;
    text += fmt::format("{:<26}", row.title);
    for (const Column& column : columns)
      text += fmt::format("{:>8.1f}", 100 * summary[row.key][column.setting][column.key].get<double>());
    text += "\n";
  }
  return text;
}

}  // namespace

const std::vector<Row>& summary_rows() {
  static const std::vector<Row> rows = {{"chance", "chance"},
                                        {"zero_shot", "CLIP, MKT's score"},
                                        {"zero_shot_global", "CLIP, class feature alone"},
                                        {"zero_shot_cosine", "CLIP, cosine"},
                                        {"zero_shot_probability", "CLIP, probability"},
                                        {"stage1", "stage 1"},
                                        {"stage2", "stage 1 + 2"},
                                        {"recommended_stage1", "stage 1, recommended"},
                                        {"recommended_stage2", "stage 1 + 2, recommended"}};
  return rows;
}

ordered_json read_json(const std::string& path) {
  const io::SharedBytes bytes = io::map_file(path);
  ordered_json result = ordered_json::parse(bytes.view(), nullptr, /*allow_exceptions=*/false);
  TORCH_CHECK(result.is_object(), path,
              ": expected a JSON object, got something else. Write the file again.");
  return result;
}

ordered_json chance(const std::string& data_path, std::uint64_t seed, const scoring::MetricOptions& metrics) {
  const data::Dataset set = data::load_nus_wide(data_path, data::Split::kTest);
  const std::int64_t images = set.labels.rows();
  scoring::ScoredImages scored{random_scores(images, set.labels_unseen.columns(), KeyedRandom({seed, 0})),
                               random_scores(images, set.labels.columns(), KeyedRandom({seed, 1})),
                               {},
                               {}};
  scored.indices.resize(static_cast<std::size_t>(images));
  std::iota(scored.indices.begin(), scored.indices.end(), 0);
  return scoring::to_json(scoring::evaluate(scored, set, metrics), set);
}

double gain(const ordered_json& summary) {
  const auto map = [&](const char* key) { return summary.at(key).at("zsl").at("map").get<double>(); };
  double best = std::max(map("zero_shot"), map("zero_shot_global"));
  for (const char* key : {"zero_shot_cosine", "zero_shot_probability"}) {
    if (summary.contains(key)) best = std::max(best, map(key));
  }
  return 100 * (map("stage1") - best);
}

std::string summarise(const SummaryOptions& options) {
  io::require_writable("json", options.json);
  const Columns columns = read_columns("zero-shot", options.zero_shot);
  ordered_json summary;
  scoring::MetricOptions metrics;
  metrics.k = label_counts(columns.all);
  summary["chance"] = chance(options.data_path, static_cast<std::uint64_t>(options.seed), metrics);
  require_columns(summary["chance"], "chance", columns.all, columns.source);
  const auto add = [&](const char* key, const char* name, const std::string& path, bool optional) {
    if (!optional || !path.empty()) summary[key] = read_result(name, path, columns);
  };
  add("zero_shot", "zero-shot", options.zero_shot, false);
  add("zero_shot_global", "zero-shot-global", options.zero_shot_global, false);
  add("zero_shot_cosine", "zero-shot-cosine", options.zero_shot_cosine, true);
  add("zero_shot_probability", "zero-shot-probability", options.zero_shot_probability, true);
  add("stage1", "stage1", options.stage1, false);
  add("stage2", "stage2", options.stage2, false);
  add("recommended_stage1", "recommended-stage1", options.recommended_stage1, true);
  add("recommended_stage2", "recommended-stage2", options.recommended_stage2, true);
  io::write_json(options.json, summary);
  const double points = gain(summary);
  return fmt::format(
      "{}Percent, {} test images. Stage 1 against the best zero-shot score: {}{} points of ZSL mAP.\n",
      table(summary, columns.all), summary["chance"]["images"].get<std::int64_t>(), points < 0 ? "" : "+",
      fixed_text(points, 1));
}

}  // namespace mkt::demo
