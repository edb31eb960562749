#include "train/step_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mkt::train {

StepLog::StepLog(const std::vector<std::string>& image_names, bool has_distillation)
    : image_names_(image_names), has_distillation_(has_distillation) {}

void StepLog::begin_epoch(std::int64_t epoch, const EpochSums& sums) {
  epoch_ = epoch;
  sums_ = sums;
  images_here_ = 0;
}

void StepLog::begin_step() {
  batches_.clear();
}

void StepLog::add_batch(const torch::Tensor& loss, const std::vector<std::int64_t>& indices) {
  batches_.push_back({loss.detach(), indices});
}

std::vector<std::string> StepLog::images_of_step(bool only_bad_losses) const {
  std::vector<std::string> names;
  for (const StepBatch& batch : batches_) {
    if (only_bad_losses && std::isfinite(batch.loss.item<double>())) continue;
    for (const std::int64_t index : batch.indices) {
      names.push_back(image_names_[static_cast<std::size_t>(index)]);
    }
  }
  return names;
}

nlohmann::ordered_json StepLog::add_step(const StepResult& result, std::int64_t step, double lr) {
  sums_.rank_loss += result.rank_loss;
  sums_.dist_loss += result.dist_loss;
  ++sums_.steps;
  sums_.images += result.images;
  images_here_ += result.images;
  nlohmann::ordered_json record = {
      {"kind", "step"}, {"epoch", epoch_}, {"step", step}, {"rank_loss", result.rank_loss}};
  if (has_distillation_) record["dist_loss"] = result.dist_loss;
  record["lr"] = lr;
  record["gradient_norm"] = result.gradient_norm;
  record["images"] = result.images;
  return record;
}

nlohmann::ordered_json StepLog::epoch_record(const EpochFacts& facts) const {
  nlohmann::ordered_json record = {
      {"kind", "epoch"}, {"epoch", epoch_}, {"rank_loss", sums_.mean_rank_loss()}};
  if (has_distillation_) record["dist_loss"] = sums_.mean_dist_loss();
  record["lr"] = facts.lr;
  record["images"] = sums_.images;
  record["images_per_second"] = images_per_second(facts);
  record["waited_seconds"] = facts.waited;
  record["saved_seconds"] = facts.saved;
  record["memory_mib"] = facts.memory_mib;
  record["checkpoint"] = facts.checkpoint;
  return record;
}

std::string StepLog::epoch_text(const EpochFacts& facts) const {
  return fmt::format(
      "epoch {}: loss {:.4f}, {:.1f} images/s, {:.0f} % of the time waiting for images, checkpoint {}",
      epoch_, sums_.mean_loss(), images_per_second(facts), 100 * facts.waited / std::max(facts.seconds, 1e-9),
      facts.checkpoint);
}

std::string StepLog::progress_text(double lr) const {
  return fmt::format("loss {:.4f}, lr {:g}", sums_.mean_loss(), lr);
}

double StepLog::images_per_second(const EpochFacts& facts) const {
  return static_cast<double>(images_here_) / std::max(facts.seconds, 1e-9);
}

}  // namespace mkt::train
