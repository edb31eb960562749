#pragma once
// Slow, plain statements of the evaluation protocols, to compare the fast ones with.

#include "mkt/torch.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace mkt::test {

/// Scores or labels as nested lists: one list per image.
using PlainTable = std::vector<std::vector<double>>;

inline PlainTable plain(const torch::Tensor& table) {
  const torch::Tensor values = table.to(torch::kFloat64).contiguous();
  PlainTable rows(static_cast<std::size_t>(values.size(0)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::int64_t c = 0; c < values.size(1); ++c)
      rows[i].push_back(values[static_cast<std::int64_t>(i)][c].item<double>());
  }
  return rows;
}

/// Columns `chosen` of a table, in that order.
inline PlainTable columns_of(const PlainTable& table, const std::vector<std::size_t>& chosen) {
  PlainTable result(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (const std::size_t c : chosen) result[i].push_back(table[i][c]);
  }
  return result;
}

struct PlainF1 {
  double f1 = 0;
  double precision = 0;
  double recall = 0;
};

struct PlainSetting {
  double map = 0;
  double weighted_map = 0;
  double map_per_image = 0;
  std::size_t images = 0;  ///< images that count
  std::size_t labels = 0;  ///< labels that count in map
  std::vector<double> average_precision;
  std::map<std::int64_t, PlainF1> f1;
};

/// Whether item `a` is ranked before or at item `b`: by descending score, then by ascending index.
inline bool is_at_or_before(const std::vector<double>& scores, std::size_t a, std::size_t b) {
  return scores[a] > scores[b] || (scores[a] == scores[b] && a <= b);
}

/// Average precision over the items with |label| = 1; 0 without positives. Sums from the best rank to the
/// worst.
inline double plain_average_precision(const std::vector<double>& scores, const std::vector<double>& labels) {
  std::map<double, double> precision_at;  // rank → precision
  double positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] != 1) continue;
    double rank = 0;
    double hits = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (labels[j] == 0 || !is_at_or_before(scores, j, i)) continue;
      rank += 1;
      hits += labels[j] == 1 ? 1 : 0;
    }
    precision_at[rank] = hits / rank;
    positives += 1;
  }
  double sum = 0;
  for (const auto& [rank, precision] : precision_at) sum += precision;
  return positives == 0 ? 0 : sum / positives;
}

/// The k best labels of each image are predicted; a label that is not annotated counts as wrong.
inline PlainF1 plain_f1(const PlainTable& scores, const PlainTable& labels, std::int64_t k) {
  double hits = 0;
  double predicted = 0;
  double present = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t c = 0; c < scores[i].size(); ++c) {
      std::int64_t place = 0;
      for (std::size_t d = 0; d < scores[i].size(); ++d) place += is_at_or_before(scores[i], d, c) ? 1 : 0;
      present += labels[i][c] == 1 ? 1 : 0;
      predicted += place <= k ? 1 : 0;
      hits += place <= k && labels[i][c] == 1 ? 1 : 0;
    }
  }
  if (hits == 0) return {};
  const double precision = hits / predicted;
  const double recall = hits / present;
  return {2 * precision * recall / (precision + recall), precision, recall};
}

inline std::vector<double> column(const PlainTable& table, std::size_t c) {
  std::vector<double> values;
  for (const std::vector<double>& row : table) values.push_back(row[c]);
  return values;
}

/// Computes a setting's metrics over all images given. Labels without an annotation are left out of the mean
/// if `only_annotated_in_map`, and of F1 if `only_annotated_in_f1`.
inline PlainSetting plain_setting(const PlainTable& scores, const PlainTable& labels,
                                  const std::vector<std::int64_t>& ks, bool only_annotated_in_map,
                                  bool only_annotated_in_f1) {
  PlainSetting result;
  result.images = scores.size();
  const std::size_t classes = scores.empty() ? 0 : scores.front().size();
  std::vector<std::size_t> annotated;
  double weights = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    const std::vector<double> of_class = column(labels, c);
    const double average = plain_average_precision(column(scores, c), of_class);
    result.average_precision.push_back(average);
    const auto positives = static_cast<double>(std::count(of_class.begin(), of_class.end(), 1.0));
    weights += positives;
    result.weighted_map += positives * average;
    const bool has_annotation =
        std::any_of(of_class.begin(), of_class.end(), [](double label) { return label != 0; });
    if (has_annotation) annotated.push_back(c);
    if (!has_annotation && only_annotated_in_map) continue;
    result.map += average;
    ++result.labels;
  }
  if (result.labels > 0) result.map /= static_cast<double>(result.labels);
  if (weights > 0) result.weighted_map /= weights;
  double images = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::count(labels[i].begin(), labels[i].end(), 1.0) == 0) continue;
    result.map_per_image += plain_average_precision(scores[i], labels[i]);
    images += 1;
  }
  if (images > 0) result.map_per_image /= images;
  for (const std::int64_t k : ks) {
    result.f1[k] = only_annotated_in_f1
                       ? plain_f1(columns_of(scores, annotated), columns_of(labels, annotated), k)
                       : plain_f1(scores, labels, k);
  }
  return result;
}

/// BiAM's evaluation of a setting on Open Images: images without a positive are left out first.
inline PlainSetting plain_biam(const PlainTable& scores, const PlainTable& labels,
                               const std::vector<std::int64_t>& ks, bool only_annotated_in_map,
                               bool only_annotated_in_f1) {
  PlainTable kept_scores;
  PlainTable kept_labels;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::count(labels[i].begin(), labels[i].end(), 1.0) == 0) continue;
    kept_scores.push_back(scores[i]);
    kept_labels.push_back(labels[i]);
  }
  return plain_setting(kept_scores, kept_labels, ks, only_annotated_in_map, only_annotated_in_f1);
}

}  // namespace mkt::test
