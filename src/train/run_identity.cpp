#include "train/run_identity.h"

#include "artifact/checkpoint_facts.h"
#include "artifact/clip_facts.h"
#include "artifact/clip_files.h"
#include "artifact/pooling_facts.h"
#include "mkt/data/dataset.h"

namespace mkt::train {

nlohmann::ordered_json run_identity(const nlohmann::ordered_json& of_stage, const TrainingOptions& options,
                                    const StepPlan& plan, const TrainingData& data) {
  nlohmann::ordered_json identity = of_stage;
  identity.update(nlohmann::ordered_json{
      {"train_images", data.train.paths.size()},
      {"seen_labels", data.seen_labels()},
      {"steps_per_epoch", plan.steps_per_epoch},
      {"global_batch_size", plan.images_per_step()},
      {"loss_average", enum_name(options.loss_average)},
      {"batch_size",
       options.loss_average == LossAverage::kRank ? plan.batch_size : 0},  // has no effect with kImage
      {"epochs", options.epochs},
      {"warmup_epochs", options.warmup_epochs},
      {"lr", options.lr},
      {"min_lr", options.min_lr},
      {"weight_decay", options.weight_decay},
      {"topk", options.local.topk},
      {"input_size", options.input_size},
      {"precision", enum_name(options.precision)},
      {"seed", options.seed},
      {"train_transform", enum_name(options.train_transform)},
      {"no_shuffle", options.no_shuffle},
      {"on_bad_image", enum_name(options.decoding.on_bad_image)},
      {"fast_decode", options.decoding.fast},
      {"exif_rotate", options.decoding.exif_rotate},
      {"clip_sha256", artifact::digest(artifact::find_clip_files(options.text.clip_path))},
      {"train_names_sha256", data::digest(data.train.names)},
      {"train_labels_sha256", data.train.labels.digest()}});
  // Runs of earlier versions, which knew one architecture, have no such key.
  if (!artifact::has_openai_architecture(data.clip))
    identity["architecture"] = artifact::used_architecture(data.clip);
  if (options.local.kind != model::Pooling::kTopk) identity.update(artifact::pooling_json(options.local));
  if (data.preprocessing != image::Preprocessing{})  // what they did at every size
    identity["preprocessing"] = artifact::to_json(data.preprocessing);
  if (!loss::is_published(options.label_loss)) identity["loss"] = loss::describe(options.label_loss);
  if (options.ema > 0) identity["ema"] = options.ema;  // runs without an average have no such key
  return identity;
}

nlohmann::ordered_json shared_values(const nlohmann::ordered_json& identity, const TrainingOptions& options,
                                     const TrainingData& data) {
  nlohmann::ordered_json shared = identity;
  shared.update(nlohmann::ordered_json{{"eval_every", options.eval_every},
                                       {"test_names_sha256", data::digest(data.test.names)},
                                       {"sets_sha256", data::digest(data.test.sets)},
                                       {"resume", !options.resume.empty()}});
  return shared;
}

}  // namespace mkt::train
