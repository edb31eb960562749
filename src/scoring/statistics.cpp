#include "scoring/statistics.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "io/json.h"
#include "lists/label_list.h"

namespace mkt::scoring {
namespace {

using nlohmann::ordered_json;

std::vector<double> doubles(const torch::Tensor& values) {
  const torch::Tensor exact = values.to(torch::kCPU, torch::kFloat64).contiguous();
  return {exact.const_data_ptr<double>(), exact.const_data_ptr<double>() + exact.numel()};
}

/// Reads one setting; nullopt if it is malformed.
std::optional<LabelledStatistics> parse_setting(const ordered_json& json) {
  const auto list = [&](const char* name, auto is_right) {
    return json.contains(name) && json[name].is_array() && !json[name].empty() &&
           std::all_of(json[name].begin(), json[name].end(), is_right);
  };
  const bool right =
      json.is_object() && list("labels", [](const ordered_json& v) { return v.is_string(); }) &&
      list("mean", [](const ordered_json& v) { return v.is_number(); }) &&
      list("deviation", [](const ordered_json& v) { return v.is_number() && v.get<double>() > 0; }) &&
      json["labels"].size() == json["mean"].size() && json["mean"].size() == json["deviation"].size();
  if (!right) return std::nullopt;
  const auto tensor = [&](const char* name) {
    return torch::tensor(json[name].get<std::vector<double>>(), torch::kFloat32);
  };
  return LabelledStatistics{json["labels"].get<std::vector<std::string>>(),
                            {tensor("mean"), tensor("deviation")}};
}

Statistics parse(const ordered_json& content, const std::string& path) {
  Statistics statistics;
  bool right = content.is_object() && content.contains("images") && content["images"].is_number_integer() &&
               content.contains("settings") && content["settings"].is_array() && !content["settings"].empty();
  for (std::size_t i = 0; right && i < content["settings"].size(); ++i) {
    const auto setting = parse_setting(content["settings"][i]);
    right = setting.has_value();
    if (right) statistics.settings.push_back(*setting);
  }
  TORCH_CHECK(
      right, path,
      ": expected statistics of scores written by eval, got another file. Write some with eval, or name "
      "another.");
  statistics.images = content["images"].get<std::int64_t>();
  return statistics;
}

/// Unseen labels, all labels, and those of each set, as BranchScores of their own.
std::vector<model::BranchScores> settings_of(const model::BranchScores& raw, const ScoringOptions& options) {
  std::vector<model::BranchScores> settings = {raw.labels(options.seen, raw.global.size(1)), raw};
  for (const data::LabelSet& set : options.sets)
    settings.push_back(raw.labels(torch::tensor(set.labels, raw.global.options().dtype(torch::kInt64))));
  return settings;
}

std::string setting_name(std::size_t place, const data::Dataset& dataset) {
  return place == 0 ? "ZSL" : place == 1 ? "GZSL" : "the label set '" + dataset.sets[place - 2].name + "'";
}

}  // namespace

Moments::Moments(std::int64_t labels)
    : count_(torch::zeros({1}, torch::kFloat64)),
      sum_(torch::zeros({labels}, torch::kFloat64)),
      squares_(torch::zeros({labels}, torch::kFloat64)) {}

void Moments::add(const torch::Tensor& scores) {
  const torch::Tensor exact = scores.to(torch::kFloat64);
  count_ += static_cast<double>(scores.size(0));
  sum_ += exact.sum(0).cpu();
  squares_ += exact.square().sum(0).cpu();
}

void Moments::reduce(distributed::Communicator& ranks) {
  ranks.all_reduce_sum({count_, sum_, squares_});
}

std::int64_t Moments::images() const {
  return static_cast<std::int64_t>(count_.item<double>());
}

model::LabelStatistics Moments::finish(const std::vector<std::string>& names,
                                       const std::string& setting) const {
  const double images = count_.item<double>();
  TORCH_CHECK_VALUE(
      images > 1, "limit-statistics-images: expected at least 2 training images for the score standard, got ",
      images, ". Use more.");
  const torch::Tensor mean = sum_ / images;
  const torch::Tensor variance = (squares_ / images - mean.square()) * (images / (images - 1));
  constexpr double kLeastVariance = 1e-10;  // rounding of equal float32 scores
  const torch::Tensor equal = variance.le(kLeastVariance).nonzero();
  TORCH_CHECK_VALUE(
      equal.size(0) == 0, "score: expected scores of ", setting,
      " that differ between training images for the score standard, got equal ones for the label '",
      names[static_cast<std::size_t>(equal.size(0) == 0 ? 0 : equal[0][0].item<std::int64_t>())],
      "'. Use more training images, or another score.");
  return {mean.to(torch::kFloat32), variance.sqrt().to(torch::kFloat32)};
}

model::LabelStatistics Statistics::of(const std::vector<std::string>& labels, const std::string& path) const {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const LabelledStatistics& setting) {
    return setting.labels == labels;
  });
  if (found != settings.end()) return found->statistics;
  const auto most = std::max_element(settings.begin(), settings.end(), [](const auto& a, const auto& b) {
    return a.labels.size() < b.labels.size();
  });
  const auto difference = data::first_difference(labels, most->labels);
  TORCH_CHECK(false, path, ": expected statistics for the labels given, ", difference->expected,
              " as number ", difference->number, ", got ", difference->found,
              ". Use the labels that the statistics were fitted to, in the same order, or fit other "
              "statistics.");
}

std::vector<std::vector<std::string>> label_lists(const data::Dataset& dataset) {
  const std::vector<std::string> all = data::all_labels(dataset);
  std::vector<std::vector<std::string>> lists = {dataset.unseen, all};
  for (const data::LabelSet& set : dataset.sets) {
    lists.emplace_back();
    for (const std::int64_t label : set.labels) lists.back().push_back(all[static_cast<std::size_t>(label)]);
  }
  return lists;
}

Statistics fit_statistics(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, const data::Dataset& dataset,
                          session::Session& session) {
  const std::vector<std::vector<std::string>> lists = label_lists(dataset);
  std::vector<Moments> moments;
  for (const auto& labels : lists) moments.emplace_back(static_cast<std::int64_t>(labels.size()));
  score_batches(encoder, loader, options, session,
                [&](const model::BranchScores& raw, const std::vector<std::int64_t>&) {
                  const std::vector<model::BranchScores> settings = settings_of(raw, options);
                  for (std::size_t i = 0; i < settings.size(); ++i)
                    moments[i].add(model::standardised(model::combine(settings[i])));
                });
  Statistics statistics;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    moments[i].reduce(session.ranks);
    statistics.settings.push_back({lists[i], moments[i].finish(lists[i], setting_name(i, dataset))});
  }
  statistics.images = moments.front().images();
  return statistics;
}

void write_statistics(const std::string& path, const artifact::ThresholdScores& scores,
                      const Statistics& statistics) {
  ordered_json content = artifact::scores_json(scores);
  content["images"] = statistics.images;
  content["settings"] = ordered_json::array();
  for (const LabelledStatistics& setting : statistics.settings) {
    content["settings"].push_back({{"labels", setting.labels},
                                   {"mean", doubles(setting.statistics.mean)},
                                   {"deviation", doubles(setting.statistics.deviation)}});
  }
  io::write_json(path, content);
}

Statistics read_statistics(const std::string& path, const artifact::ThresholdScores& scores) {
  const auto content = io::read_json<ordered_json>(path);
  Statistics statistics = parse(content.value_or(ordered_json()), path);
  artifact::check_scores(*content, scores, path, "statistics");
  return statistics;
}

}  // namespace mkt::scoring
