#include "train/training_run.h"
#include "io/json.h"

#include <cmath>

#include "core/log.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/stop.h"
#include "core/text.h"
#include "mkt/core/error.h"
#include "mkt/image/transforms.h"
#include "mkt/weights/checkpoint.h"
#include "scoring/evaluation.h"

namespace mkt::train {
namespace {

/// Below this loss scale fp16 cannot be what makes gradients overflow.
constexpr double kLeastScale = 1e-3;
/// Where all scores of an image are equal, each of its pairs costs the margin, 1, and so does the image.
constexpr double kEqualScoresLoss = 1.0;
constexpr double kEqualScoresTolerance = 1e-6;
constexpr std::int64_t kEqualScoresSteps = 5;
constexpr std::size_t kNamesShown = 20;
/// An epoch of at least so many steps, whose losses differ by less than this share, has learned nothing.
constexpr std::int64_t kStillSteps = 10;
constexpr double kStillShare = 1e-6;

}  // namespace

std::string TrainingRun::run() {
  session::stop_if_asked(session_);
  while (epoch_ < options_.epochs) {
    const Stopwatch watch;
    train_epoch();
    finish_epoch(watch);
  }
  return checkpoint_path(options_.epochs - 1);
}

void TrainingRun::train_epoch() {
  Progress progress(cat("epoch ", epoch_, " of ", options_.epochs), steps_per_epoch_, "steps", first_step_);
  train_loader_->start(epoch_, first_step_ * options_.accumulate);
  for (std::int64_t step = first_step_; step < steps_per_epoch_; ++step) {
    train_step(step);
    const auto steps = static_cast<double>(std::max<std::int64_t>(sums_.steps, 1));
    progress.update(step + 1,
                    cat("loss ", fixed_text((sums_.rank + sums_.dist) / steps, 4), ", lr ", rate_at(step)));
    save_if_due(step + 1);
  }
  first_step_ = steps_per_epoch_;
}

void TrainingRun::train_step(std::int64_t step) {
  const double lr = rate_at(step);
  StepResult result;
  try {
    result = gradients_of_step(step);
  } catch (const std::exception&) {  // an unreadable image, a rank that ended
    save_before_failure(step);
    throw;
  }
  if (check(result, step)) stage_.update(lr);
  if (result.images > 0) record_step(result, step, lr);
  if (result.stop != 0) stop(result.stop, step + 1);
}

StepResult TrainingRun::gradients_of_step(std::int64_t step) {
  zero_gradients(parameters_);
  step_batches_.clear();
  StepSums sums(session_.runtime.device);
  stage_.begin_step();
  for (std::int64_t i = 0; i < options_.accumulate; ++i) {
    const auto batch = train_loader_->next();
    TORCH_CHECK(batch.has_value(), "data: the loader ended before step ", step, " of epoch ", epoch_, ".");
    const torch::Tensor rows = rows_with_positives(batch->labels);  // (K)
    if (rows.size(0) == 0) continue;
    const torch::Tensor images =
        image::normalize(batch->images.index_select(0, rows), session_.runtime.device);  // (K, 3, H, H)
    const Losses losses = stage_.losses(images, batch->labels.index_select(0, rows));
    const double weight = options_.loss_average == "rank"
                              ? 1.0
                              : static_cast<double>(rows.size(0)) / static_cast<double>(options_.batch_size);
    (losses.total() * (weight * scaler_.factor())).backward();
    sums.add(losses, weight, rows.size(0));
    step_batches_.emplace_back(losses, batch->indices);
  }
  stage_.end_step();
  return sums.exchange(parameters_, scaler_.factor(), session_);
}

bool TrainingRun::check(const StepResult& result, std::int64_t step) {
  if (result.images == 0) {
    warn(cat("epoch ", epoch_, ", step ", step, ": no image with a present label, step left out"));
    return false;
  }
  const bool finite = std::isfinite(result.gradient_norm);
  if (!std::isfinite(result.rank_loss + result.dist_loss)) fail(result, step);
  if (!finite && (!scaler_.enabled() || scaler_.factor() < kLeastScale)) fail(result, step);
  scaler_.update(finite);
  equal_scores_ =
      std::abs(result.rank_loss - kEqualScoresLoss) < kEqualScoresTolerance ? equal_scores_ + 1 : 0;
  if (equal_scores_ == kEqualScoresSteps) {
    warn(cat("epoch ", epoch_, ", step ", step, ": the ranking loss has been 1 for ", equal_scores_,
             " steps: an image's scores are all equal. Are the label features those of these labels, and the "
             "weights whole?"));
  }
  return finite;
}

void TrainingRun::fail(const StepResult& result, std::int64_t step) {
  save_state(step);  // nothing of this step is in it
  const bool in_losses = !std::isfinite(result.rank_loss + result.dist_loss);
  std::vector<std::string> own;
  for (const auto& [losses, indices] : step_batches_) {
    if (in_losses && std::isfinite(losses.total().item<double>())) continue;
    for (const std::int64_t index : indices)
      own.push_back(inputs_.train.names[static_cast<std::size_t>(index)]);
  }
  std::vector<std::string> names;
  for (const std::string& of_rank : session_.ranks.all_gather(io::json_text(nlohmann::json(own)))) {
    for (const auto& name : nlohmann::json::parse(of_rank)) names.push_back(name);
  }
  log::error("images of the step: " + join(names, " "));
  session_.ranks.barrier();  // the state is whole before any rank ends
  throw std::runtime_error(
      cat("epoch ", epoch_, ", step ", step, ": the ",
          in_losses ? cat("loss is not finite (rank ", result.rank_loss, ", dist ", result.dist_loss, ")")
                    : std::string("gradient is not finite"),
          ". The state before this step is saved in ", options_.output,
          "/state. Start a new run with a smaller --lr, or --precision fp32. Images: ",
          join(names, " ", kNamesShown)));
}

void TrainingRun::record_step(const StepResult& result, std::int64_t step, double lr) {
  sums_.rank += result.rank_loss;
  sums_.dist += result.dist_loss;
  ++sums_.steps;
  sums_.images += result.images;
  const double loss = result.rank_loss + result.dist_loss;
  least_loss_ = steps_now_ == 0 ? loss : std::min(least_loss_, loss);
  greatest_loss_ = steps_now_ == 0 ? loss : std::max(greatest_loss_, loss);
  ++steps_now_;
  images_now_ += result.images;
  if (!folder_) return;
  nlohmann::ordered_json record = {
      {"kind", "step"}, {"epoch", epoch_}, {"step", step}, {"rank_loss", result.rank_loss}};
  if (stage_.has_distillation()) record["dist_loss"] = result.dist_loss;
  record["lr"] = lr;
  record["gradient_norm"] = result.gradient_norm;
  record["images"] = result.images;
  folder_->record(record);
}

void TrainingRun::save_if_due(std::int64_t step) {
  if (step == steps_per_epoch_) return;  // saved with the epoch
  const bool by_steps = options_.checkpoint_every > 0 && step % options_.checkpoint_every == 0;
  const bool by_time =
      options_.checkpoint_minutes > 0 && since_state_.seconds() >= 60 * options_.checkpoint_minutes;
  if (by_steps || by_time) save_state(step);
}

void TrainingRun::stop(int signal, std::int64_t step) {
  save_state(step);
  session_.ranks.barrier();  // no rank ends, and has others ended by its launcher, while the state is written
  throw Stopped(signal);
}

void TrainingRun::save_before_failure(std::int64_t step) noexcept {
  try {
    save_state(step);  // nothing of this step is in it
  } catch (const std::exception& error) {
    log::error(one_line(error));
  }
}

void TrainingRun::warn(const std::string& message) const {
  session_.is_main() ? log::warning(message) : log::info(message);
}

void TrainingRun::finish_epoch(const Stopwatch& watch) {
  TORCH_CHECK(sums_.steps > 0, "epoch ", epoch_,
              ": no step was taken, since no image could be read or none has ",
              "a present label. Check the data with --on-bad-image error.");
  const bool last = epoch_ + 1 == options_.epochs;
  const bool evaluates = last || (options_.eval_every > 0 && (epoch_ + 1) % options_.eval_every == 0);
  if (evaluates) save_state(steps_per_epoch_);  // should the evaluation be stopped
  const torch::Tensor bad_images = torch::tensor({train_loader_->bad_images()}, torch::kInt64);
  session_.ranks.all_reduce_sum(bad_images);
  if (bad_images.item<std::int64_t>() > 0) {
    warn(cat("epoch ", epoch_, ": ", bad_images.item<std::int64_t>(), " images could not be read"));
  }
  warn_of_still_loss();
  if (folder_) record_epoch(watch);
  if (evaluates) evaluate_epoch();
  ++epoch_;
  first_step_ = 0;
  images_now_ = 0;
  steps_now_ = 0;
  sums_ = {};
  save_state(0);
  if (last) return;
  const int signal = session::agreed_stop(session_);
  if (signal != 0) stop(signal, 0);
}

void TrainingRun::warn_of_still_loss() const {
  if (steps_now_ < kStillSteps || greatest_loss_ - least_loss_ > kStillShare * std::abs(greatest_loss_))
    return;
  warn(cat("epoch ", epoch_, ": the loss has not moved from ", greatest_loss_, " in ", steps_now_,
           " steps. Is --lr large enough, and are the labels those of these images?"));
}

void TrainingRun::record_epoch(const Stopwatch& watch) {
  weights::save_pth(checkpoint_path(epoch_), stage_.checkpoint());
  const auto steps = static_cast<double>(std::max<std::int64_t>(sums_.steps, 1));
  const double rate = static_cast<double>(images_now_) / std::max(watch.seconds(), 1e-9);
  nlohmann::ordered_json record = {{"kind", "epoch"}, {"epoch", epoch_}, {"rank_loss", sums_.rank / steps}};
  if (stage_.has_distillation()) record["dist_loss"] = sums_.dist / steps;
  record["lr"] = rate_at(steps_per_epoch_ - 1);
  record["images"] = sums_.images;
  record["images_per_second"] = rate;
  record["memory_mib"] = peak_memory_mib();
  record["checkpoint"] = checkpoint_path(epoch_);
  folder_->record(record);
  log::info(cat("epoch ", epoch_, ": loss ", fixed_text((sums_.rank + sums_.dist) / steps, 4), ", ",
                fixed_text(rate, 1), " images/s, checkpoint ", checkpoint_path(epoch_)));
}

void TrainingRun::evaluate_epoch() {
  const torch::NoGradGuard no_grad;
  const scoring::ScoringOptions scoring{stage_.label_features(), inputs_.seen(), options_.clip.topk,
                                        model::ScoreKind::kMkt,  "scoring",      inputs_.test.sets};
  const scoring::ScoredImages scored =
      scoring::score_images(stage_.image_encoder(), *test_loader_, scoring, session_);
  if (!folder_) return;
  const scoring::EvaluationResult result = scoring::evaluate(scored, inputs_.test);
  log::info(cat("epoch ", epoch_, ": ZSL mAP ", fixed_text(100 * result.zsl.map, 2), ", F1@3 ",
                fixed_text(100 * result.zsl.f1_3.f1, 2), "; GZSL mAP ", fixed_text(100 * result.gzsl.map, 2),
                ", F1@3 ", fixed_text(100 * result.gzsl.f1_3.f1, 2)));
  nlohmann::ordered_json record = {{"kind", "eval"}, {"epoch", epoch_}};
  record.update(scoring::to_json(result, inputs_.test, /*with_classes=*/false));
  folder_->record(record);
}

double TrainingRun::rate_at(std::int64_t step) const {
  return schedule_.at(static_cast<double>(epoch_) +
                      static_cast<double>(step) / static_cast<double>(steps_per_epoch_));
}

std::string TrainingRun::checkpoint_path(std::int64_t epoch) const {
  return cat(options_.output, "/", stage_.checkpoint_name(epoch));
}

}  // namespace mkt::train
