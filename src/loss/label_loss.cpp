#include "loss/label_loss.h"

#include <fmt/format.h>

#include <cmath>

#include "loss/cosine_loss.h"
#include "mkt/loss/ranking.h"
#include "mkt/loss/smooth_ranking.h"

namespace mkt::loss {
namespace {

using Json = nlohmann::ordered_json;

class Rank : public LabelLoss {
 public:
  explicit Rank(double margin) : margin_(margin) {}

  torch::Tensor operator()(const torch::Tensor& scores, const torch::Tensor& labels) override {
    return ranking_loss(scores, labels, margin_);
  }

  std::optional<double> of_equal_scores() const override {
    if (margin_ == 0) return std::nullopt;  // then 0 is also the loss of perfectly ranked labels
    return margin_;
  }

  Json facts() const override {
    if (is_published({LossKind::kRank, margin_})) return nullptr;
    return {{"kind", enum_name(LossKind::kRank)}, {"margin", margin_}};
  }

 private:
  double margin_;
};

class SmoothRank : public LabelLoss {
 public:
  explicit SmoothRank(double scale) : scale_(scale) {}

  torch::Tensor operator()(const torch::Tensor& scores, const torch::Tensor& labels) override {
    return smooth_ranking_loss(scores, labels, scale_);
  }

  std::optional<double> of_equal_scores() const override { return std::log(2.0); }

  Json facts() const override { return {{"kind", enum_name(LossKind::kSmoothRank)}, {"scale", scale_}}; }

 private:
  double scale_;
};

class MultiMatch : public LabelLoss {
 public:
  MultiMatch(double scale, const torch::Device& device, GatherRows gather)
      : scale_(scale), device_(device), gather_(std::move(gather)) {}

  torch::Tensor operator()(const torch::Tensor& scores, const torch::Tensor& labels) override {
    return multi_match_loss(scores, labels, scale_, gather_);
  }

  void skip() override { skip_multi_match_loss(gather_, device_); }

  Json facts() const override { return {{"kind", enum_name(LossKind::kMultiMatch)}, {"scale", scale_}}; }

 private:
  double scale_;
  torch::Device device_;
  GatherRows gather_;
};

double scale_of(const LabelLossOptions& options) {
  return options.scale > 0 ? options.scale : default_scale(options.kind);
}

}  // namespace

double default_scale(LossKind kind) {
  switch (kind) {
    case LossKind::kSmoothRank:
    case LossKind::kMultiMatch:
      return 20;
    case LossKind::kRank:
    case LossKind::kAsymmetric:
      break;
  }
  return 0;
}

std::string describe(const LabelLossOptions& options) {
  const std::string name = enum_name(options.kind);
  if (options.kind == LossKind::kRank) return fmt::format("{}, margin {}", name, Json(options.margin).dump());
  const double scale = scale_of(options);
  return fmt::format("{}, scale {}", name, scale > 0 ? Json(scale).dump() : "of CLIP");
}

bool is_published(const LabelLossOptions& options) {
  return describe(options) == describe({});
}

std::unique_ptr<LabelLoss> make_label_loss(const LabelLossOptions& options, const torch::Device& device,
                                           const GatherRows& gather) {
  const double scale = scale_of(options);
  switch (options.kind) {
    case LossKind::kSmoothRank:
      return std::make_unique<SmoothRank>(scale);
    case LossKind::kAsymmetric:
      return std::make_unique<CosineLoss>(scale, device, gather);
    case LossKind::kMultiMatch:
      return std::make_unique<MultiMatch>(scale, device, gather);
    case LossKind::kRank:
      break;
  }
  return std::make_unique<Rank>(options.margin);
}

GatherRows gather_over(distributed::Communicator& ranks) {
  if (ranks.size() == 1) return {};
  return [&ranks](const torch::Tensor& row) {
    const torch::Tensor rows = row.new_zeros({ranks.size(), row.size(0)});
    rows[ranks.rank()].copy_(row);
    ranks.all_reduce_sum(rows);  // a row plus zeros: exact
    return rows;
  };
}

}  // namespace mkt::loss
