#include <algorithm>

#include "codecs/encode.h"
#include "image/heatmap.h"
#include "mkt/image/transforms.h"
#include "mkt/metrics/average_precision.h"
#include "report/report.h"

namespace mkt::report {
namespace {

constexpr std::int64_t kBestOfUnseen = 3;
constexpr std::int64_t kBestOfAll = 5;

/// Scores and annotations of one image.
struct LabelsOfImage {
  const std::vector<std::string>& names;
  torch::Tensor scores;  // (C)
  torch::Tensor truth;   // (C) int8
  std::int64_t seen;     // index of the first unseen label

  Prediction at(std::int64_t c) const {
    return {names[static_cast<std::size_t>(c)], scores[c].item<double>(), truth[c].item<int>(), c >= seen};
  }
  std::vector<Prediction> best(std::int64_t count) const {
    const torch::Tensor order = std::get<1>(scores.topk(std::min(count, scores.size(0))));
    std::vector<Prediction> found;
    for (std::int64_t i = 0; i < order.size(0); ++i) found.push_back(at(order[i].item<std::int64_t>()));
    return found;
  }
  std::vector<Prediction> present() const {
    std::vector<Prediction> found;
    for (std::int64_t c = 0; c < scores.size(0); ++c) {
      if (truth[c].item<int>() == 1) found.push_back(at(c));
    }
    std::stable_partition(found.begin(), found.end(), [](const Prediction& one) { return one.unseen; });
    return found;
  }
};

/// Selects `count` rows with at least one present label, evenly spaced from the best `average` to the worst.
std::vector<std::int64_t> spread_rows(const torch::Tensor& average, const torch::Tensor& truth,
                                      std::int64_t count) {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < truth.size(0); ++row) {
    if (truth[row].eq(1).any().item<bool>()) rows.push_back(row);
  }
  const auto* values = average.const_data_ptr<double>();
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::int64_t a, std::int64_t b) { return values[a] > values[b]; });
  const auto size = static_cast<std::int64_t>(rows.size());
  if (size <= count) return rows;
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(rows[static_cast<std::size_t>(i * (size - 1) / (count - 1))]);
  return chosen;
}

/// Sets the examples' images, as the encoder saw them, and the heat maps for their best unseen labels.
void draw(const Evaluated& evaluated, const std::vector<std::int64_t>& rows, data::LoaderOptions loading,
          std::vector<Example>& examples) {
  std::vector<std::string> paths;
  for (const std::int64_t row : rows) {
    const std::int64_t index = evaluated.scored.indices[static_cast<std::size_t>(row)];
    paths.push_back(evaluated.dataset.paths[static_cast<std::size_t>(index)]);
  }
  loading.batch_size = std::max<std::int64_t>(1, static_cast<std::int64_t>(rows.size()));
  loading.rank = 0;
  loading.world_size = 1;
  data::DataLoader loader(paths, torch::Tensor(), loading);
  loader.start(0);
  const auto batch = loader.next();
  if (!batch) return;
  const torch::Tensor features = evaluated.scoring.label_features;  // (S + U, D)
  const auto encoded = model::image_features(
      evaluated.encoder.forward(image::normalize(batch->images, loader.preprocessing(), features.device())));
  for (std::size_t place = 0; place < batch->indices.size(); ++place) {
    const auto i = static_cast<std::int64_t>(place);
    const auto which = static_cast<std::size_t>(batch->indices[place]);
    const std::int64_t label =
        evaluated.scoring.seen + evaluated.scored.zsl[rows[which]].argmax().item<std::int64_t>();
    const torch::Tensor products =
        model::patch_products(encoded.patches.slice(0, i, i + 1), features.slice(0, label, label + 1));
    const torch::Tensor pixels = image::as_interleaved(batch->images[i]);  // (S, S, 3)
    examples[which].image = image::encode_png(pixels);
    examples[which].heatmap = image::encode_png(image::blend_heatmap(pixels, products[0][0].cpu()));
  }
}

}  // namespace

std::vector<Example> make_examples(const Evaluated& evaluated, const data::LoaderOptions& loading,
                                   std::int64_t count) {
  TORCH_CHECK_VALUE(count >= 2, "examples: expected at least 2, got ", count, ".");
  const torch::NoGradGuard no_grad;
  const data::Dataset& dataset = evaluated.dataset;
  const scoring::ScoredImages& scored = evaluated.scored;
  const torch::Tensor truth = dataset.labels_unseen.dense(scored.indices);              // (N, U)
  const torch::Tensor average = metrics::average_precision(scored.zsl.t(), truth.t());  // (N)
  const std::vector<std::string> all = data::all_labels(dataset);
  const auto seen = static_cast<std::int64_t>(dataset.seen.size());
  const std::vector<std::int64_t> chosen = spread_rows(average, truth, count);
  std::vector<Example> examples;
  for (const std::int64_t row : chosen) {
    const std::int64_t index = scored.indices[static_cast<std::size_t>(row)];
    const LabelsOfImage unseen_labels{dataset.unseen, scored.zsl[row], truth[row], 0};
    const LabelsOfImage all_labels{all, scored.gzsl[row], dataset.labels.dense({index})[0], seen};
    Example example;
    example.name = dataset.names[static_cast<std::size_t>(index)];
    example.average_precision = average[row].item<double>();
    example.unseen = unseen_labels.best(kBestOfUnseen);
    example.all = all_labels.best(kBestOfAll);
    example.truth = all_labels.present();
    examples.push_back(std::move(example));
  }
  draw(evaluated, chosen, loading, examples);
  return examples;
}

}  // namespace mkt::report
