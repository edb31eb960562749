#include "train/step.h"

#include <csignal>

#include "core/stop.h"

namespace mkt::train {
namespace {

/// Indices into the vector that is summed over the ranks.
enum Position : std::int64_t { kRankLoss, kDistLoss, kWeight, kImages, kInterrupts, kTerminations };

std::vector<torch::Tensor> gradients_of(const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> gradients;
  gradients.reserve(parameters.size());
  for (const torch::Tensor& parameter : parameters) gradients.push_back(parameter.grad());
  return gradients;
}

torch::Tensor norm_of(const std::vector<torch::Tensor>& gradients) {
  return torch::stack(at::_foreach_norm(gradients)).norm().to(torch::kFloat64).reshape({1});
}

int stop_of(double interrupts, double terminations) {
  if (interrupts > 0) return SIGINT;
  return terminations > 0 ? SIGTERM : 0;
}

}  // namespace

StepSums::StepSums(const torch::Device& device)
    : losses_(torch::zeros({2}, torch::TensorOptions(device).dtype(torch::kFloat64))) {}

void StepSums::add(const Losses& losses, double weight, std::int64_t images) {
  losses_[0].add_(losses.rank.detach(), weight);
  if (losses.dist.defined()) losses_[1].add_(losses.dist.detach(), weight);
  weight_ += weight;
  images_ += images;
}

StepResult StepSums::exchange(const std::vector<torch::Tensor>& parameters, double scale,
                              session::Session& session) const {
  const torch::NoGradGuard no_grad;
  const int signal = stop_signal();
  const torch::Tensor own =
      torch::tensor({weight_, static_cast<double>(images_), signal == SIGINT ? 1.0 : 0.0,
                     signal != 0 && signal != SIGINT ? 1.0 : 0.0},
                    torch::kFloat64);
  const torch::Tensor sums = torch::cat({losses_, own.to(losses_.device())});
  std::vector<torch::Tensor> all = gradients_of(parameters);
  all.push_back(sums);
  session.ranks.all_reduce_sum(all);
  all.pop_back();
  at::_foreach_div_(all, (sums[kWeight] * scale).to(torch::kFloat32));
  const torch::Tensor read = torch::cat({sums, norm_of(all)}).cpu();
  const auto* value = read.data_ptr<double>();
  StepResult result;
  result.images = static_cast<std::int64_t>(value[kImages]);
  result.rank_loss = value[kRankLoss] / value[kWeight];
  result.dist_loss = value[kDistLoss] / value[kWeight];
  result.gradient_norm = value[read.numel() - 1];
  result.stop = stop_of(value[kInterrupts], value[kTerminations]);
  return result;
}

void zero_gradients(const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> defined;
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) {
      defined.push_back(parameter.mutable_grad());
    } else {
      parameter.mutable_grad() = torch::zeros_like(parameter);
    }
  }
  if (!defined.empty()) at::_foreach_zero_(defined);
}

}  // namespace mkt::train
