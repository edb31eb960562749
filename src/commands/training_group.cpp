#include "commands/training_group.h"

#include "commands/command.h"
#include "core/log.h"
#include "core/stop.h"
#include "optim/weight_average.h"

namespace mkt::commands {

namespace {

void set_optimisation(const OptimisationOptions& from, train::TrainingOptions& training) {
  training.batch_size = from.batch_size;
  training.accumulate = from.accumulate;
  training.global_batch_size = from.global_batch_size;
  training.loss_average = from.loss_average;
  training.epochs = from.epochs;
  training.warmup_epochs = from.warmup_epochs;
  training.lr = from.lr;
  training.min_lr = from.min_lr;
  training.weight_decay = from.weight_decay;
  training.seed = from.seed;
  training.train_transform = from.train_transform;
  training.no_shuffle = from.no_shuffle;
  training.limit_train_batches = from.limit_train_batches;
  training.label_loss = from.loss.value();
  optim::check_ema_decay(from.ema);
  training.ema = from.ema;
}

void set_run(const RunOptions& from, train::TrainingOptions& training) {
  training.test_batch_size = from.test_batch_size;
  training.eval_every = from.eval_every;
  training.limit_eval_images = from.limit_eval_images;
  training.metrics = from.metrics.value();
  training.output = from.output;
  training.resume = from.resume;
  training.checkpoint_every = from.checkpoint_every;
  training.checkpoint_minutes = from.checkpoint_minutes;
  training.keep_states = from.keep_states;
  training.precision = from.compute.precision;
}

void check_apart(bool wrong, const char* option, loss::LossKind kind) {
  TORCH_CHECK_VALUE(!wrong, option, " cannot be combined with --loss ", enum_name(kind), ". Drop one.");
}

}  // namespace

void OptimisationOptions::check_loss() const {
  const loss::LossKind kind = loss.kind;
  check_apart(kind != loss::LossKind::kRank && !loss.margin.is_default(), "--margin", kind);
  check_apart(kind == loss::LossKind::kRank && !loss.scale.is_default(), "--loss-scale", kind);
  if (kind != loss::LossKind::kMultiMatch) return;
  check_apart(*accumulate > 1, "--accumulate", kind);  // its pairs are those of a whole step
  check_apart(*loss_average == train::LossAverage::kRank, "--loss-average rank", kind);
}

train::TrainingOptions training_options(const DataOptions& data, const ClipOptions& clip,
                                        const LabelFeatureOptions* features, const OptimisationOptions& steps,
                                        const RunOptions& run) {
  train::TrainingOptions training{};
  training.text.clip_path = clip.clip_path;
  training.text.clip_facts = clip.architecture.value();
  training.text.merges = clip.bpe_path;
  training.text.prompt_template = clip.prompt_template;
  if (features != nullptr) training.text = label_inputs(clip, *features, "");
  training.preprocessing = clip.preprocessing.value();
  training.local = clip.local_pooling();
  training.input_size = clip.input_size;
  training.data_path = data.data_path;
  training.decoding = data.decoding();
  set_optimisation(steps, training);
  set_run(run, training);
  return training;
}

int run_training(const OptimisationOptions& steps, const RunOptions& run,
                 const std::function<std::string(session::Session&)>& train) {
  steps.check_loss();
  return run_on_ranks(run.ranks.value(), [&] {
    session::Session session = session::start_session(run.compute.value(), run.ranks.value());
    note_stop_signals();
    return session::with_announced_failure(session, [&] {
      if (session.is_main() && !steps.momentum.is_default())
        log::warning("--momentum has no effect, as in the original: AdamW has none");
      const std::string checkpoint = train(session);
      return session.is_main() ? checkpoint + "\n" : "";
    });
  });
}

}  // namespace mkt::commands
