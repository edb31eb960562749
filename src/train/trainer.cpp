#include "train/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "artifact/checkpoint_facts.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/stop.h"
#include "core/text.h"
#include "io/json.h"
#include "mkt/core/error.h"
#include "mkt/image/transforms.h"
#include "scoring/evaluation.h"

namespace mkt::train {
namespace {

constexpr std::size_t kNamesShown = 20;
constexpr const char* kEma = "ema";

}  // namespace

Trainer::Trainer(const TrainerOptions& options, const TrainingData& data, const TrainingLoaders& loaders,
                 Stage& stage, RunStore& store, session::Session& session)
    : options_(options),
      data_(data),
      loaders_(loaders),
      stage_(stage),
      store_(store),
      session_(session),
      parameters_(stage.parameters()),
      scaler_(session.runtime.precision == session::Precision::kFp16),
      watch_(stage.label_loss().of_equal_scores()),
      log_(data.train.names, stage.has_distillation()) {
  if (options.ema > 0) average_.emplace(stage.averaged(), options.ema);
}

void Trainer::resume(const ResumePoint& point) {
  check_model(point.state, stage_.state());
  weights::TensorMap tensors = point.state.tensors;
  if (average_) average_->take_state(tensors, point.state.path);
  stage_.load_state(tensors);
  scaler_.load_state(point.progress.scaler);
  epoch_ = point.progress.epoch;
  first_step_ = point.progress.step;
  log_.begin_epoch(epoch_, point.progress.sums);
  log::info("resumed from {}: epoch {}, step {}", point.state.path, epoch_, first_step_);
}

std::string Trainer::run() {
  session::stop_if_asked(session_);
  while (epoch_ < options_.epochs) {
    train_epoch();
    finish_epoch();
  }
  return store_.checkpoint_path(stage_.checkpoint_name(options_.epochs - 1));
}

void Trainer::train_epoch() {
  const std::int64_t steps = options_.plan.steps_per_epoch;
  const Stopwatch watch;
  waited_ = 0;
  saved_ = 0;
  Progress progress(fmt::format("epoch {} of {}", epoch_, options_.epochs), steps, "steps", first_step_);
  loaders_.train->start(epoch_, first_step_ * options_.plan.accumulate);
  for (std::int64_t step = first_step_; step < steps; ++step) {
    train_step(step);
    progress.update(step + 1, log_.progress_text(rate_at(step)));
    if (store_.is_due(step + 1)) save(step + 1);
  }
  first_step_ = steps;
  trained_ = watch.seconds() - saved_;
}

void Trainer::train_step(std::int64_t step) {
  const double lr = rate_at(step);
  StepResult result;
  try {
    result = gradients_of_step(step);
  } catch (const std::exception&) {  // e.g. an unreadable image or a rank that ended
    save_before_failure(step);
    throw;
  }
  if (accept(result, step)) {
    stage_.update(lr);
    if (average_) average_->update();
  }
  if (result.images > 0) store_.record(log_.add_step(result, step, lr));
  if (result.stop != 0) stop(result.stop, step + 1);
}

StepResult Trainer::gradients_of_step(std::int64_t step) {
  zero_gradients(parameters_);
  log_.begin_step();
  StepSums sums(session_.runtime.device);
  stage_.begin_step();
  for (std::int64_t i = 0; i < options_.plan.accumulate; ++i) {
    const Stopwatch watch;
    const auto batch = loaders_.train->next();
    waited_ += watch.seconds();
    TORCH_CHECK(batch.has_value(), "data: the loader ended before step ", step, " of epoch ", epoch_, ".");
    add_gradients(*batch, sums);
  }
  stage_.end_step();
  return sums.exchange(parameters_, scaler_.factor(), session_);
}

void Trainer::add_gradients(const data::Batch& batch, StepSums& sums) {
  const torch::Tensor rows = rows_with_positives(batch.labels);  // (K)
  if (rows.size(0) == 0) {
    stage_.label_loss().skip();
    return;
  }
  const torch::Device device = session_.runtime.device;
  const bool all = rows.size(0) == batch.labels.size(0);
  const torch::Tensor labels = all ? batch.labels : batch.labels.index_select(0, rows);  // (K, S)
  // A GPU gets all images: batches of one shape are fast (nn/graphed_gradient.h).
  const bool chosen_later = !all && device.is_cuda();
  const torch::Tensor images =
      image::normalize(all || chosen_later ? batch.images : batch.images.index_select(0, rows),
                       loaders_.train->preprocessing(), device);
  const Losses losses = stage_.losses(images, labels, chosen_later ? rows.to(device, true) : torch::Tensor());
  const torch::Tensor loss = losses.total();
  const double weight = options_.average_per_rank ? 1.0
                                                  : static_cast<double>(rows.size(0)) /
                                                        static_cast<double>(options_.plan.batch_size);
  (loss * (weight * scaler_.factor())).backward();
  sums.add(losses, weight, rows.size(0));
  log_.add_batch(loss, batch.indices);
}

/// Whether to apply the step's update; throws if the run must end.
bool Trainer::accept(const StepResult& result, std::int64_t step) {
  using Action = StepVerdict::Action;
  const StepVerdict verdict = watch_.check(result, scaler_.can_shrink());
  if (verdict.action == Action::kFail) fail(verdict.message, !losses_are_finite(result), step);
  if (result.images > 0) scaler_.update(std::isfinite(result.gradient_norm));
  if (!verdict.message.empty()) warn(place(step) + ": " + verdict.message);
  return verdict.action == Action::kUpdate;
}

void Trainer::finish_epoch() {
  TORCH_CHECK(log_.sums().steps > 0, "epoch ", epoch_,
              ": no step was taken: no image could be read, or no image has a present label. "
              "Check the data with prepare check.");
  const bool last = epoch_ + 1 == options_.epochs;
  const bool evaluates = last || (options_.eval_every > 0 && (epoch_ + 1) % options_.eval_every == 0);
  if (evaluates) save(options_.plan.steps_per_epoch);  // in case the evaluation is stopped
  report_bad_images();
  if (const std::string stuck = watch_.stuck_loss(); !stuck.empty())
    warn(fmt::format("epoch {}: {}", epoch_, stuck));
  if (session_.is_main()) record_epoch();
  if (evaluates) evaluate("");
  if (evaluates && average_) {
    const optim::AveragedWeights averaged(*average_);
    evaluate(kEma);
  }
  ++epoch_;
  first_step_ = 0;
  log_.begin_epoch(epoch_);
  watch_.begin_epoch();
  save(0);
  if (last) return;
  const int signal = session::agreed_stop(session_);
  if (signal != 0) stop(signal, 0);
}

void Trainer::report_bad_images() {
  data::DamagedImages damaged = loaders_.train->damaged_images();
  const torch::Tensor counts = torch::tensor({loaders_.train->bad_images(), damaged.count}, torch::kInt64);
  session_.ranks.all_reduce_sum(counts);
  const auto bad_images = counts[0].item<std::int64_t>();
  if (bad_images > 0) warn(fmt::format("epoch {}: {} images could not be read", epoch_, bad_images));
  damaged.count = counts[1].item<std::int64_t>();
  if (damaged.count == 0) return;
  const torch::Tensor firsts = session_.ranks.all_gather(torch::tensor({damaged.first}, torch::kInt64));
  damaged.first = firsts.masked_select(firsts >= 0).min().item<std::int64_t>();
  warn(fmt::format("epoch {}: {}", epoch_, data::damage_text(damaged, *loaders_.train)));
}

void Trainer::save_checkpoint(const std::string& name) {
  if (session_.is_main())
    artifact::write_checkpoint_facts(store_.checkpoint_path(name), data_.clip, data_.preprocessing,
                                     options_.local, stage_.label_loss().facts());
  store_.save_checkpoint(name, stage_.checkpoint());
}

void Trainer::record_epoch() {
  const Stopwatch watch;
  save_checkpoint(checkpoint_name(""));
  if (average_) {
    const optim::AveragedWeights averaged(*average_);
    save_checkpoint(checkpoint_name(kEma));
  }
  saved_ += watch.seconds();
  const EpochFacts facts{
      rate_at(options_.plan.steps_per_epoch - 1), trained_, waited_, saved_, peak_memory_mib(),
      store_.checkpoint_path(checkpoint_name(""))};
  nlohmann::ordered_json record = log_.epoch_record(facts);
  if (average_) record["ema_checkpoint"] = store_.checkpoint_path(checkpoint_name(kEma));
  store_.record(record);
  log::info(log_.epoch_text(facts));
}

/// Evaluates the current weights. `weights`: their name in the log and in metrics.jsonl; empty for those that
/// the optimiser updates.
void Trainer::evaluate(const std::string& weights) {
  const torch::NoGradGuard no_grad;
  const auto kind = stage_.label_loss().of_cosines() ? model::ScoreKind::kMeanCosine : model::ScoreKind::kMkt;
  const scoring::ScoringOptions scoring{
      stage_.label_features(), data_.seen_labels(), options_.local, kind, "scoring", data_.test.sets};
  const scoring::ScoredImages scored =
      scoring::score_images(stage_.image_encoder(), *loaders_.test, scoring, session_);
  if (!session_.is_main()) return;
  const scoring::EvaluationResult result = scoring::evaluate(scored, data_.test, options_.metrics);
  if (const std::string small = scoring::k_warning(result); !small.empty()) log::warning_once(small);
  log::info("epoch {}{}: {}", epoch_, weights.empty() ? "" : ", " + weights, scoring::headline(result));
  nlohmann::ordered_json record = {{"kind", "eval"}, {"epoch", epoch_}};
  if (!weights.empty()) record["weights"] = weights;
  record.update(scoring::to_json(result, data_.test, /*with_classes=*/false));
  store_.record(record);
}

/// Saves the run's state after `step` steps of the epoch.
void Trainer::save(std::int64_t step) {
  if (!session_.is_main()) return;
  const Stopwatch watch;
  weights::TensorMap tensors = stage_.state();
  if (average_) tensors.merge(average_->state());
  store_.save({epoch_, step, 0, log_.sums(), scaler_.state()}, tensors);
  saved_ += watch.seconds();
}

void Trainer::save_before_failure(std::int64_t step) noexcept {
  try {
    save(step);  // the state before the failed step
  } catch (const std::exception& error) {
    log::error(one_line(error));
  }
}

void Trainer::fail(const std::string& reason, bool only_bad_losses, std::int64_t step) {
  save(step);  // the state before the failed step
  const nlohmann::json own = log_.images_of_step(only_bad_losses);
  std::vector<std::string> names;
  for (const std::string& of_rank : session_.ranks.all_gather(io::json_text(own))) {
    for (const auto& name : nlohmann::json::parse(of_rank)) names.push_back(name);
  }
  log::error("images of the step: {}", join(names, " "));
  session_.ranks.barrier();  // until the state is written: a rank that ends also ends the others
  throw std::runtime_error(
      fmt::format("{}: {}. The state before this step is saved in {}. Start a new run with a smaller "
                  "learning rate, or in fp32. Images: {}",
                  place(step), reason, store_.state_folder(), join(names, " ", kNamesShown)));
}

void Trainer::stop(int signal, std::int64_t step) {
  save(step);
  session_.ranks.barrier();  // until the state is written: a rank that ends also ends the others
  throw Stopped(signal);
}

/// Logs a warning; ranks other than 0 write it only to their log files, so that it appears once on the
/// terminal.
void Trainer::warn(const std::string& message) const {
  session_.is_main() ? log::warning(message) : log::info(message);
}

double Trainer::rate_at(std::int64_t step) const {
  return options_.schedule.at(static_cast<double>(epoch_) +
                              static_cast<double>(step) / static_cast<double>(options_.plan.steps_per_epoch));
}

std::string Trainer::place(std::int64_t step) const {
  return fmt::format("epoch {}, step {}", epoch_, step);
}

/// Returns the epoch's file name of the weights `weights` (evaluate()): "model_3.pth", "model_3.ema.pth".
std::string Trainer::checkpoint_name(const std::string& weights) const {
  const std::filesystem::path name = stage_.checkpoint_name(epoch_);
  if (weights.empty()) return name;
  return name.stem().string() + "." + weights + name.extension().string();
}

}  // namespace mkt::train
