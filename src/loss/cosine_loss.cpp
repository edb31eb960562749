#include "loss/cosine_loss.h"

#include <cmath>
#include <limits>

#include "core/text.h"
#include "mkt/loss/asymmetric.h"

namespace mkt::loss {
namespace {

constexpr const char* kPrefix = "loss.";
constexpr const char* kScalars = "loss.scalars";

torch::Tensor first_scalars(double scale, const torch::Device& device) {
  TORCH_CHECK_VALUE(scale > 0, "loss-scale: expected a positive number for the asymmetric loss, got ", scale,
                    ". Give one.");
  return torch::tensor({std::log(scale), std::numeric_limits<double>::quiet_NaN()}, torch::kFloat32)
      .to(device)
      .requires_grad_();
}

}  // namespace

CosineLoss::CosineLoss(double scale, const torch::Device& device, GatherRows gather)
    : scalars_(first_scalars(scale, device)), gather_(std::move(gather)), optimizer_(scalars_, 0) {}

torch::Tensor CosineLoss::operator()(const torch::Tensor& cosines, const torch::Tensor& labels) {
  if (!started_) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor annotated = labels.ne(0).to(cosines.device());  // (B, C)
    start(torch::stack({(cosines * annotated).sum(torch::kFloat64), annotated.sum(torch::kFloat64),
                        labels.eq(1).sum(torch::kFloat64).to(cosines.device())}));
  }
  return asymmetric_loss(scalars_[0].exp() * cosines + scalars_[1], labels);
}

void CosineLoss::skip() {
  if (!started_) start(torch::zeros({3}, scalars_.options().dtype(torch::kFloat64).requires_grad(false)));
}

void CosineLoss::start(const torch::Tensor& row) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor sums = (gather_ ? gather_(row).sum(0) : row).cpu();
  const auto* value = sums.data_ptr<double>();
  const double annotated = value[1];
  const double present = value[2];
  if (annotated == 0) return;                                     // no rank had an image
  const double odds = (present + 1) / (annotated - present + 1);  // finite without present or absent pairs
  const double scale = std::exp(scalars_[0].item<double>());
  scalars_[1].fill_(std::log(odds) - scale * value[0] / annotated);
  started_ = true;
}

void CosineLoss::add_state(optim::State& state) const {
  state[kScalars] = scalars_.detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
  for (const auto& [name, tensor] : optimizer_.state()) state[kPrefix + name] = tensor;
}

void CosineLoss::take_state(optim::State& state) {
  const torch::NoGradGuard no_grad;
  const auto scalars = state.extract(kScalars);
  TORCH_CHECK(!scalars.empty() && scalars.mapped().sizes() == scalars_.sizes(),
              "state: expected two numbers in '", kScalars, "', got ",
              scalars.empty() ? 0 : scalars.mapped().numel(), ". Resume from a complete state.");
  scalars_.copy_(scalars.mapped());
  started_ = !std::isnan(scalars.mapped()[1].item<double>());
  optim::State own;
  for (auto entry = state.lower_bound(kPrefix); entry != state.end() && starts_with(entry->first, kPrefix);) {
    own[entry->first.substr(std::string(kPrefix).size())] = entry->second;
    entry = state.erase(entry);
  }
  optimizer_.load_state(own);
}

nlohmann::ordered_json CosineLoss::facts() const {
  const torch::Tensor scalars = scalars_.detach().cpu();
  return {{"kind", enum_name(LossKind::kAsymmetric)},
          {"scale", std::exp(scalars[0].item<double>())},
          {"bias", scalars[1].item<double>()}};
}

}  // namespace mkt::loss
