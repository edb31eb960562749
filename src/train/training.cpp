#include "train/training.h"

#include <fmt/format.h>

#include "core/log.h"
#include "mkt/image/preprocessing.h"
#include "train/loaders.h"
#include "train/run_identity.h"
#include "train/run_store.h"
#include "train/step_plan.h"
#include "train/trainer.h"

namespace mkt::train {
namespace {

RunStoreOptions store_options(const TrainingOptions& options, const StepPlan& plan) {
  return {options.output,      options.resume, options.checkpoint_every, options.checkpoint_minutes,
          options.keep_states, options.epochs, plan.steps_per_epoch};
}

TrainerOptions trainer_options(const TrainingOptions& options, const StepPlan& plan) {
  return {plan,
          {options.lr, options.min_lr, options.warmup_epochs, static_cast<double>(options.epochs)},
          options.epochs,
          options.eval_every,
          options.loss_average == LossAverage::kRank,
          options.local,
          options.ema,
          options.metrics};
}

void check_space(const RunStore& store, Stage& stage, const session::Session& session, bool averaged) {
  if (!session.is_main()) return;
  std::int64_t checkpoint = 0;
  for (const auto& [name, tensor] : stage.checkpoint())
    checkpoint += static_cast<std::int64_t>(tensor.nbytes());
  std::int64_t parameters = 0;
  for (const torch::Tensor& parameter : stage.parameters()) {
    parameters += static_cast<std::int64_t>(parameter.nbytes());
  }
  // A state has the parameters, both AdamW moments and perhaps the averages, which have a checkpoint too.
  store.check_space(averaged ? 2 * checkpoint : checkpoint, averaged ? 4 * parameters : 3 * parameters);
}

void log_start(const Stage& stage, const StepPlan& plan, const TrainingData& data,
               const session::Session& session) {
  log::info(
      "{}: {} training images, {} test images, {} seen and {} unseen labels, {} steps per epoch of {} "
      "images, {} {} on {}",
      stage.name(), data.train.paths.size(), data.test.paths.size(), data.seen_labels(),
      data.test.unseen.size(), plan.steps_per_epoch, plan.images_per_step(), plan.ranks,
      plan.ranks == 1 ? "rank" : "ranks", session::describe(session.runtime));
}

}  // namespace

std::string run_training(const TrainingOptions& options, const std::string& resolved,
                         const TrainingData& data, Stage& stage, session::Session& session) {
  const StepPlan plan =
      plan_steps(options, static_cast<std::int64_t>(data.train.paths.size()), session.ranks.size());
  const TrainingLoaders loaders =
      make_loaders(options, plan, data, stage.image_encoder().options().resolution(), session);
  const nlohmann::ordered_json identity = run_identity(stage.identity(), options, plan, data);
  session::check_ranks_agree(shared_values(identity, options, data), session);

  RunStore store(store_options(options, plan), identity, session.ranks);
  check_space(store, stage, session, options.ema > 0);
  Trainer trainer(trainer_options(options, plan), data, loaders, stage, store, session);
  const std::optional<ResumePoint> point = store.find();
  if (point) trainer.resume(*point);
  store.begin(resolved + fmt::format("# preprocessing = {}\n", image::describe(data.preprocessing)), point);
  log_start(stage, plan, data, session);
  return trainer.run();
}

}  // namespace mkt::train
