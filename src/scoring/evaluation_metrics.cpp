// Computes evaluation metrics from scores and labels.

#include <algorithm>
#include <set>

#include "metrics/ties.h"
#include "mkt/metrics/average_precision.h"
#include "scoring/evaluation.h"
#include "scoring/seen_penalty.h"

namespace mkt::scoring {
namespace {

constexpr std::int64_t kRowsAtOnce = 4096;  // rows that are compared in one operation, to limit memory

/// Labels of a setting that count.
struct SettingRule {
  bool only_annotated_in_map = false;
  bool only_annotated_in_f1 = false;
};

/// Counts the positive images per label: (C) int64.
torch::Tensor count_positives(const torch::Tensor& labels) {
  torch::Tensor positives = torch::zeros({labels.size(1)}, torch::kInt64);
  for (const torch::Tensor& rows : labels.split(kRowsAtOnce)) positives += rows.eq(1).sum(0);
  return positives;
}

/// Returns which labels some image is annotated for: (C) bool.
torch::Tensor annotated_labels(const torch::Tensor& labels) {
  torch::Tensor annotated = torch::zeros({labels.size(1)}, torch::kBool);
  for (const torch::Tensor& rows : labels.split(kRowsAtOnce)) annotated.logical_or_(rows.ne(0).any(0));
  return annotated;
}

std::int64_t rows_with_positives(const torch::Tensor& labels) {
  std::int64_t count = 0;
  for (const torch::Tensor& rows : labels.split(kRowsAtOnce))
    count += rows.eq(1).any(1).sum().item<std::int64_t>();
  return count;
}

/// Sets the rows without a present label to 0, in place. A range of columns may be given.
void leave_out_rows_without_positives(const torch::Tensor& labels) {
  for (const torch::Tensor& rows : labels.split(kRowsAtOnce))
    rows.masked_fill_(rows.eq(1).any(1, /*keepdim=*/true).logical_not(), 0);
}

double mean_of(const torch::Tensor& values) {
  return values.numel() == 0 ? 0 : values.mean().item<double>();
}

double weighted_mean(const torch::Tensor& values, const torch::Tensor& weights) {
  const double sum = weights.sum().item<double>();
  return sum == 0 ? 0 : (values * weights).sum().item<double>() / sum;
}

/// Computes F1 for each element of `options.k`, or the number of labels that can be predicted if it is
/// smaller.
std::vector<F1AtK> f1_values(const torch::Tensor& scores, const torch::Tensor& labels,
                             const MetricOptions& options, const SettingRule& rule,
                             const SettingResult& result) {
  std::vector<F1AtK> values;
  for (const std::int64_t k : options.k) values.push_back({k, {}});
  if (result.predictable == 0) return values;
  metrics::F1Options chosen;
  for (const std::int64_t k : options.k) chosen.k.push_back(std::min(k, result.predictable));
  chosen.only_images_with_positives = options.protocol == Protocol::kBiam;
  if (rule.only_annotated_in_f1) chosen.classes = result.counted;
  const std::vector<metrics::F1> found = metrics::f1_at_k(scores, labels, chosen);
  for (std::size_t i = 0; i < found.size(); ++i) values[i].value = found[i];
  return values;
}

/// Computes a setting's metrics. The rows of images that do not count are 0 in `labels`.
SettingResult evaluate_setting(const torch::Tensor& scores, const torch::Tensor& labels,
                               const MetricOptions& options, const SettingRule& rule) {
  SettingResult result;
  result.average_precision = metrics::average_precision(scores, labels);  // (C)
  result.positives = count_positives(labels);
  result.tied_share = metrics::tied_share(scores, labels);
  const std::int64_t classes = scores.size(1);
  result.counted =
      rule.only_annotated_in_map ? annotated_labels(labels) : torch::ones({classes}, torch::kBool);
  result.map = mean_of(rule.only_annotated_in_map ? result.average_precision.masked_select(result.counted)
                                                  : result.average_precision);
  result.weighted_map = weighted_mean(result.average_precision, result.positives);
  if (options.per_image) result.map_per_image = metrics::precision_per_image(scores, labels);
  result.images = options.protocol == Protocol::kBiam ? rows_with_positives(labels) : scores.size(0);
  result.predictable = rule.only_annotated_in_f1 ? result.labels() : classes;
  result.f1 = f1_values(scores, labels, options, rule, result);
  return result;
}

}  // namespace

void check_k(const std::vector<std::int64_t>& k) {
  TORCH_CHECK_VALUE(!k.empty(), "k: expected at least one number, got none. Give one.");
  std::set<std::int64_t> known;
  for (const std::int64_t one : k) {
    TORCH_CHECK_VALUE(one >= 1, "k: expected numbers of at least 1, got ", one, ". Give another.");
    TORCH_CHECK_VALUE(known.insert(one).second, "k: expected distinct numbers, got ", one,
                      " twice. Drop one.");
  }
}

std::int64_t SettingResult::labels() const {
  return counted.sum().item<std::int64_t>();
}

std::int64_t SettingResult::labels_without_positives() const {
  return positives.eq(0).logical_and(counted).sum().item<std::int64_t>();
}

std::optional<double> SettingResult::map_with_positives() const {
  const torch::Tensor known = average_precision.masked_select(positives.gt(0));
  return known.numel() == 0 ? std::nullopt : std::optional<double>(known.mean().item<double>());
}

torch::Tensor counted_labels(const data::LabelTable& labels, const std::vector<std::int64_t>& images,
                             Protocol protocol) {
  torch::Tensor dense = labels.dense(images);  // (n, C)
  if (protocol == Protocol::kBiam) leave_out_rows_without_positives(dense);
  return dense;
}

EvaluationResult evaluate(const ScoredImages& scored, const data::Dataset& dataset,
                          const MetricOptions& options) {
  check_k(options.k);
  TORCH_CHECK_VALUE(!scored.indices.empty(),
                    "evaluation: expected at least one readable image, got none. Check the image files.");
  const bool biam = options.protocol == Protocol::kBiam;
  EvaluationResult result;
  result.options = options;
  result.images = static_cast<std::int64_t>(scored.indices.size());
  result.zsl = evaluate_setting(
      scored.zsl, counted_labels(dataset.labels_unseen, scored.indices, options.protocol), options, {});
  const torch::Tensor labels =
      counted_labels(dataset.labels, scored.indices, options.protocol);  // (N, S + U)
  const auto seen = static_cast<std::int64_t>(dataset.seen.size());
  result.gzsl = evaluate_setting(scored.gzsl, labels, options, {biam, false});
  if (options.seen_penalty != 0) {
    result.gzsl.f1 = f1_values(penalised(scored.gzsl, seen, options.seen_penalty), labels, options,
                               {biam, false}, result.gzsl);
  }
  for (std::size_t i = 0; i < dataset.sets.size(); ++i) {
    const torch::Tensor which = torch::tensor(dataset.sets[i].labels, torch::kInt64);
    const torch::Tensor of_set = labels.index_select(1, which);
    if (biam) leave_out_rows_without_positives(of_set);
    result.sets.emplace_back(dataset.sets[i].name,
                             evaluate_setting(scored.sets.at(i), of_set, options, {biam, false}));
  }
  if (!biam) return result;
  const torch::Tensor of_seen = labels.narrow(1, 0, seen);  // last, since it changes `labels`
  leave_out_rows_without_positives(of_seen);
  result.seen = evaluate_setting(scored.gzsl.narrow(1, 0, seen), of_seen, options, {true, true});
  return result;
}

}  // namespace mkt::scoring
