#include "stage1_run.h"

#include <chrono>
#include <cmath>

#include "mkt/core/log.h"
#include "mkt/core/progress.h"
#include "mkt/core/text.h"
#include "mkt/data/transforms.h"
#include "mkt/io/checkpoint.h"
#include "mkt/train/encoders.h"
#include "mkt/train/evaluation.h"
#include "mkt/train/stop.h"

namespace mkt::train {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::string Stage1Run::run() {
  note_stop_signals();
  while (epoch_ < options_.epochs) {
    const auto start = std::chrono::steady_clock::now();
    train_epoch();
    finish_epoch(seconds_since(start));
  }
  return checkpoint_path(options_.epochs - 1);
}

void Stage1Run::train_epoch() {
  Progress progress(cat("epoch ", epoch_ + 1, "/", options_.epochs), steps_per_epoch_, "steps");
  train_loader_->start(epoch_, first_step_);
  for (std::int64_t step = first_step_; step < steps_per_epoch_; ++step) {
    const auto batch = train_loader_->next();
    TORCH_CHECK(batch.has_value(), "data: the loader ended before step ", step, " of epoch ", epoch_, ".");
    train_step(*batch, step);
    const auto steps = static_cast<double>(std::max<std::int64_t>(sums_.steps, 1));
    progress.update(step + 1, cat("loss ", fixed_text((sums_.rank + sums_.dist) / steps, 4)));
    const bool due = options_.checkpoint_every > 0 && (step + 1) % options_.checkpoint_every == 0;
    if (due && step + 1 < steps_per_epoch_) save_state(step + 1);
    stop_if_asked(step + 1);
  }
  first_step_ = steps_per_epoch_;
}

bool Stage1Run::train_step(const data::Batch& batch, std::int64_t step) {
  const double lr = schedule_.at(static_cast<double>(epoch_) +
                                 static_cast<double>(step) / static_cast<double>(steps_per_epoch_));
  optim::set_learning_rate(*optimizer_, groups_, lr);
  const torch::Tensor rows = rows_with_positives(batch.labels);
  if (rows.size(0) == 0) {
    log::warning(cat("epoch ", epoch_, ", step ", step, ": no image with a present label, step left out"));
    return false;
  }
  const torch::Tensor images = data::normalize(batch.images.index_select(0, rows), runtime_.device);
  const torch::Tensor labels = batch.labels.index_select(0, rows);  // (K, S)
  const torch::Tensor seen = label_features_.slice(0, 0, static_cast<std::int64_t>(train_.seen.size()));
  optimizer_->zero_grad();
  Stage1Losses losses;
  {
    const AutocastScope autocast(runtime_);
    losses = stage1_losses(pair_->forward(images), seen, labels, options_.clip.topk);
  }
  check_finite(losses, batch, step);
  scaler_.scale(losses.total()).backward();
  const bool good = scaler_.unscale(trained_);
  if (good) optimizer_->step();
  sums_.images += rows.size(0);
  record_step(step, losses.rank.item<double>(), losses.dist.item<double>(), lr);
  return good;
}

void Stage1Run::check_finite(const Stage1Losses& losses, const data::Batch& batch, std::int64_t step) {
  if (std::isfinite(losses.total().item<double>())) return;
  save_state(step);  // nothing of this step is in it
  std::vector<std::string> names;
  for (const std::int64_t index : batch.indices)
    names.push_back(train_.names[static_cast<std::size_t>(index)]);
  throw std::runtime_error(cat("epoch ", epoch_, ", step ", step, ": the loss is not finite (rank ",
                               losses.rank.item<double>(), ", dist ", losses.dist.item<double>(),
                               "). The state before this step is saved in ", folder_->state_folder(),
                               ". Try a smaller --lr, or --precision fp32. Images: ", join(names, " ")));
}

void Stage1Run::record_step(std::int64_t step, double rank, double dist, double lr) {
  sums_.rank += rank;
  sums_.dist += dist;
  ++sums_.steps;
  folder_->record({{"kind", "step"},
                   {"epoch", epoch_},
                   {"step", step},
                   {"rank_loss", rank},
                   {"dist_loss", dist},
                   {"lr", lr}});
}

void Stage1Run::finish_epoch(double seconds) {
  save_state(steps_per_epoch_);  // should the evaluation be stopped
  io::save_pth(checkpoint_path(epoch_), model::state_dict(*student_));
  const auto steps = static_cast<double>(std::max<std::int64_t>(sums_.steps, 1));
  const double rate = static_cast<double>(sums_.images) / std::max(seconds, 1e-9);
  const double lr =
      schedule_.at(static_cast<double>(epoch_ + 1) - 1.0 / static_cast<double>(steps_per_epoch_));
  log::info(cat("epoch ", epoch_, ": rank loss ", fixed_text(sums_.rank / steps, 4), ", dist loss ",
                fixed_text(sums_.dist / steps, 4), ", lr ", lr, ", ", fixed_text(rate, 1),
                " images/s, checkpoint ", checkpoint_path(epoch_)));
  folder_->record({{"kind", "epoch"},
                   {"epoch", epoch_},
                   {"rank_loss", sums_.rank / steps},
                   {"dist_loss", sums_.dist / steps},
                   {"lr", lr},
                   {"images_per_second", rate},
                   {"checkpoint", checkpoint_path(epoch_)}});
  const bool last = epoch_ + 1 == options_.epochs;
  if (last || (options_.eval_every > 0 && (epoch_ + 1) % options_.eval_every == 0)) evaluate_epoch();
  ++epoch_;
  first_step_ = 0;
  sums_ = {};
  save_state(0);
  stop_if_asked(0);
}

void Stage1Run::evaluate_epoch() {
  torch::NoGradGuard no_grad;
  const clip::VisionEncoder encoder(std::static_pointer_cast<clip::VisionEncoderImpl>(student_.ptr()));
  const clip::FrozenVisionEncoder frozen(encoder, runtime_.frozen_dtype());
  const ScoringOptions scoring{label_features_, static_cast<std::int64_t>(train_.seen.size()),
                               options_.clip.topk, model::ScoreKind::kMkt};
  const EvaluationResult result = evaluate(score_images(frozen, *test_loader_, scoring, runtime_), test_);
  log::info(cat("epoch ", epoch_, ": ZSL mAP ", fixed_text(100 * result.zsl.map, 2), ", F1@3 ",
                fixed_text(100 * result.zsl.f1_3.f1, 2), "; GZSL mAP ", fixed_text(100 * result.gzsl.map, 2),
                ", F1@3 ", fixed_text(100 * result.gzsl.f1_3.f1, 2)));
  nlohmann::ordered_json record = {{"kind", "eval"}, {"epoch", epoch_}};
  record.update(to_json(result, test_, /*with_classes=*/false));
  folder_->record(record);
}

void Stage1Run::stop_if_asked(std::int64_t step) {
  if (stop_signal() == 0) return;
  if (step > 0) save_state(step);
  throw Stopped(stop_signal());
}

std::string Stage1Run::checkpoint_path(std::int64_t epoch) const {
  return folder_->file(cat("model_epoch_", epoch, ".pth"));
}

}  // namespace mkt::train
