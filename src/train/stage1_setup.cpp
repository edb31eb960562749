// The beginning of a run: inputs checked and read, model and optimiser built, an earlier state taken up.

#include <algorithm>
#include <filesystem>

#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/io/sha256.h"
#include "mkt/model/student.h"
#include "mkt/train/encoders.h"
#include "mkt/train/labels.h"
#include "stage1_run.h"

namespace mkt::train {
namespace {

constexpr const char* kModelPrefix = "model.";
constexpr const char* kOptimizerPrefix = "optimizer.";

/// Entries of `tensors` whose names begin with `prefix`, without it.
io::TensorMap with_prefix(const io::TensorMap& tensors, const std::string& prefix) {
  io::TensorMap found;
  for (const auto& [name, tensor] : tensors) {
    if (name.rfind(prefix, 0) == 0) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

bool has_checkpoint(const std::string& folder) {
  const auto files = std::filesystem::directory_iterator(folder);
  return std::any_of(begin(files), end(files),
                     [](const auto& entry) { return entry.path().extension() == ".pth"; });
}

void warn_of_unused(const Stage1Options& options) {
  if (options.momentum != Stage1Options{}.momentum) {
    log::warning("--momentum is accepted and has no effect, as in the original: AdamW has none");
  }
}

}  // namespace

Stage1Run::Stage1Run(const Stage1Options& options, const std::string& resolved)
    : options_(options), runtime_(make_runtime(options.compute)) {
  warn_of_unused(options_);
  require_file("clip-path", options_.clip.clip_path);
  std::tie(train_, test_) = data::load_nus_wide(
      options_.data.data_path, {static_cast<int>(options_.data.workers), options_.limit_eval_images});
  const clip::TensorMap clip = load_clip(options_.clip);
  folder_ = std::make_unique<RunFolder>(options_.output, resolved, !options_.resume.empty());
  label_features_ = load_label_features(options_.data.data_path, data::all_labels(test_), clip, options_.clip,
                                        "", runtime_);
  build_model(clip);
  build_loaders();
  schedule_ = {options_.lr, options_.min_lr, options_.warmup_epochs, static_cast<double>(options_.epochs)};
  scaler_ = LossScaler(runtime_.precision == Precision::kFp16);
  log::info(cat("stage 1: ", train_.paths.size(), " training images, ", test_.paths.size(), " test images, ",
                train_.seen.size(), " seen and ", test_.unseen.size(), " unseen labels, ", steps_per_epoch_,
                " steps an epoch, ", describe(runtime_)));
  identity_ = make_identity();
  if (!options_.resume.empty()) resume();
}

void Stage1Run::build_model(const clip::TensorMap& clip) {
  student_ = model::make_student(clip, options_.clip.clip_path, static_cast<std::uint64_t>(options_.seed));
  clip::VisionEncoder teacher = clip::make_vision_encoder(clip, options_.clip.clip_path);
  student_->to(runtime_.device);
  teacher->to(runtime_.device);
  const optim::LayerDecay decay{student_->options.layers, options_.fix_layer, options_.layer_decay,
                                options_.weight_decay};
  const auto parameters = student_->named_parameters();
  groups_ = optim::parameter_groups(parameters, decay);
  for (const auto& parameter : parameters) {
    const bool trains = optim::trainable(parameter.key(), decay);
    parameter.value().requires_grad_(trains);
    if (trains) trained_.push_back(parameter.value());
  }
  pair_ = std::make_unique<model::DistillationPair>(student_, teacher, options_.fix_layer,
                                                    runtime_.frozen_dtype());
  optimizer_ = optim::make_adamw(parameters, groups_, options_.lr);
}

void Stage1Run::build_loaders() {
  data::LoaderOptions train;
  train.batch_size = options_.batch_size;
  train.image_size = student_->options.resolution();
  train.workers = static_cast<int>(options_.data.workers);
  train.seed = static_cast<std::uint64_t>(options_.seed);
  train.shuffle = !options_.no_shuffle;
  train.drop_last = true;
  train.transform = data::parse_transform(options_.train_transform);
  train.on_bad_image = data::parse_on_bad_image(options_.data.on_bad_image);
  train.pin_memory = runtime_.device.is_cuda();
  data::LoaderOptions test = train;
  test.batch_size = options_.test_batch_size;
  test.shuffle = false;
  test.drop_last = false;
  test.transform = data::Transform::kEvaluation;
  train_loader_ = std::make_unique<data::DataLoader>(train_.paths, train_.labels, train);
  test_loader_ = std::make_unique<data::DataLoader>(test_.paths, torch::Tensor(), test);
  steps_per_epoch_ = train_loader_->batches();
  TORCH_CHECK_VALUE(steps_per_epoch_ > 0, "--batch-size: expected at most ", train_.paths.size(),
                    ", the number of training images, got ", options_.batch_size, ".");
  if (options_.limit_train_batches > 0) {
    steps_per_epoch_ = std::min(steps_per_epoch_, options_.limit_train_batches);
  }
}

nlohmann::ordered_json Stage1Run::make_identity() const {
  return {{"stage", 1},
          {"clip_sha256", io::sha256_file(options_.clip.clip_path)},
          {"train_images", train_.paths.size()},
          {"seen_labels", train_.seen.size()},
          {"unseen_labels", test_.unseen.size()},
          {"input_size", student_->options.resolution()},
          {"topk", options_.clip.topk},
          {"precision", options_.compute.precision},
          {"batch_size", options_.batch_size},
          {"epochs", options_.epochs},
          {"steps_per_epoch", steps_per_epoch_},
          {"warmup_epochs", options_.warmup_epochs},
          {"lr", options_.lr},
          {"min_lr", options_.min_lr},
          {"weight_decay", options_.weight_decay},
          {"layer_decay", options_.layer_decay},
          {"fix_layer", options_.fix_layer},
          {"seed", options_.seed},
          {"train_transform", options_.train_transform},
          {"no_shuffle", options_.no_shuffle}};
}

void Stage1Run::save_state(std::int64_t step) {
  RunState state;
  state.identity = identity_;
  state.progress = {{"epoch", epoch_},
                    {"step", step},
                    {"metrics_bytes", folder_->metrics_bytes()},
                    {"sums", {sums_.rank, sums_.dist, sums_.steps, sums_.images}},
                    {"scaler", scaler_.state()}};
  for (const auto& parameter : student_->named_parameters()) {
    if (parameter.value().requires_grad()) {
      state.tensors[kModelPrefix + parameter.key()] = parameter.value().detach().cpu();
    }
  }
  for (const auto& [name, tensor] : optim::optimizer_state(*optimizer_, groups_)) {
    state.tensors[kOptimizerPrefix + name] = tensor;
  }
  save_run_state(folder_->state_folder(), epoch_ * steps_per_epoch_ + step, state);
}

void Stage1Run::resume() {
  std::optional<std::pair<std::string, RunState>> found;
  if (options_.resume == "auto") {
    found = newest_run_state(folder_->state_folder());
  } else {
    found = {options_.resume, load_run_state(options_.resume)};
  }
  if (!found) {
    TORCH_CHECK(folder_->metrics_bytes() == 0 || !has_checkpoint(options_.output),
                "--resume: ", options_.output,
                " holds checkpoints, but no state that can be read. Name a state file, or another --output.");
    log::warning(cat("--resume: no state in ", folder_->state_folder(), " yet, starting from the beginning"));
    folder_->truncate_metrics(0);
    return;
  }
  const auto& [path, state] = *found;
  check_identity(state, identity_, path);
  torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : with_prefix(state.tensors, kModelPrefix)) {
    student_->named_parameters()[name].copy_(tensor);
  }
  optim::load_optimizer_state(*optimizer_, groups_, with_prefix(state.tensors, kOptimizerPrefix));
  scaler_.load_state(state.progress.at("scaler"));
  epoch_ = state.progress.at("epoch");
  first_step_ = state.progress.at("step");
  const auto& sums = state.progress.at("sums");
  sums_ = {sums.at(0), sums.at(1), sums.at(2), sums.at(3)};
  folder_->truncate_metrics(state.progress.at("metrics_bytes"));
  log::info(cat("resumed from ", path, ": epoch ", epoch_, ", step ", first_step_));
}

}  // namespace mkt::train
