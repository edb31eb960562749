// The beginning of a run: loaders built, inputs made known, an earlier state taken up.

#include <algorithm>
#include <filesystem>

#include "artifact/encoders.h"
#include "core/log.h"
#include "core/text.h"
#include "io/sha256.h"
#include "mkt/data/dataset.h"
#include "scoring/loading.h"
#include "train/training_run.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;

bool has_checkpoint(const std::string& folder) {
  const auto files = fs::directory_iterator(folder);
  return std::any_of(begin(files), end(files),
                     [](const auto& entry) { return entry.path().extension() == ".pth"; });
}

bool lies_in(const std::string& file, const std::string& folder) {
  std::error_code failure;
  return fs::equivalent(fs::absolute(file).parent_path(), folder, failure);
}

/// --batch-size, or what --global-batch-size leaves to a rank at once.
std::int64_t rank_batch(const TrainingOptions& options, int ranks) {
  if (options.global_batch_size == 0) return options.batch_size;
  const std::int64_t parts = ranks * options.accumulate;
  TORCH_CHECK_VALUE(options.global_batch_size % parts == 0, "--global-batch-size: expected a multiple of ",
                    parts, " (", ranks, " ranks with --accumulate ", options.accumulate, "), got ",
                    options.global_batch_size, ".");
  return options.global_batch_size / parts;
}

std::int64_t bytes_of(const weights::TensorMap& tensors) {
  std::int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += static_cast<std::int64_t>(tensor.nbytes());
  return bytes;
}

/// A run must not find out after hours that its disk was full from the start.
void check_free_space(const std::string& folder, std::int64_t once, std::int64_t in_all) {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  const auto free = static_cast<double>(fs::space(folder).available);
  TORCH_CHECK(free >= static_cast<double>(once), "--output: ", folder, " has ", fixed_text(free / kGiB, 3),
              " GiB free, one state and checkpoint take ", fixed_text(static_cast<double>(once) / kGiB, 3),
              ". Free some, or name a folder on another disk.");
  if (free < static_cast<double>(in_all)) {
    log::warning(cat("--output: ", folder, " has ", fixed_text(free / kGiB, 1), " GiB free, all epochs take ",
                     fixed_text(static_cast<double>(in_all) / kGiB, 1)));
  }
}

}  // namespace

TrainingRun::TrainingRun(const TrainingOptions& options, const std::string& resolved,
                         const TrainingInputs& inputs, Stage& stage, session::Session& session)
    : options_(options),
      inputs_(inputs),
      stage_(stage),
      session_(session),
      parameters_(stage.parameters()),
      schedule_{options.lr, options.min_lr, options.warmup_epochs, static_cast<double>(options.epochs)},
      scaler_(session.runtime.precision == session::Precision::kFp16) {
  options_.batch_size = rank_batch(options_, session_.ranks.size());
  build_loaders();
  open_folder(resolved);
  log::info(cat(stage_.name(), ": ", inputs_.train.paths.size(), " training images, ",
                inputs_.test.paths.size(), " test images, ", inputs_.seen(), " seen and ",
                inputs_.test.unseen.size(), " unseen labels, ", steps_per_epoch_, " steps an epoch of ",
                options_.batch_size * options_.accumulate * session_.ranks.size(), " images, ",
                session_.ranks.size(), session_.ranks.size() == 1 ? " rank on " : " ranks on ",
                session::describe(session_.runtime)));
}

void TrainingRun::build_loaders() {
  data::LoaderOptions train;
  train.batch_size = options_.batch_size;
  train.image_size = stage_.image_encoder().options().resolution();
  train.workers = static_cast<int>(options_.data.workers);
  train.seed = static_cast<std::uint64_t>(options_.seed);
  train.shuffle = !options_.no_shuffle;
  train.drop_last = true;
  train.transform = data::parse_transform(options_.train_transform);
  if (options_.data.fast_decode) train.decoding = image::Decoding::kFast;
  train.on_bad_image = data::parse_on_bad_image(options_.data.on_bad_image);
  train.pin_memory = session_.runtime.device.is_cuda();
  train.rank = session_.ranks.rank();
  train.world_size = session_.ranks.size();
  train.even_shards = true;
  data::LoaderOptions test =
      scoring::evaluation_loader(options_.data, options_.test_batch_size, train.image_size, session_.runtime);
  test.rank = train.rank;
  test.world_size = train.world_size;
  train_loader_ = std::make_unique<data::DataLoader>(inputs_.train.paths, inputs_.train.labels, train);
  test_loader_ = std::make_unique<data::DataLoader>(inputs_.test.paths, torch::Tensor(), test);
  const auto images = static_cast<std::int64_t>(inputs_.train.paths.size());
  const std::int64_t step_images = options_.batch_size * options_.accumulate * session_.ranks.size();
  steps_per_epoch_ = images / step_images;  // as one process with batches of step_images would have
  TORCH_CHECK_VALUE(steps_per_epoch_ > 0, "--batch-size: expected steps of at most ", images,
                    " images, the number of training images, got ", step_images, ".");
  if (options_.limit_train_batches > 0) {
    steps_per_epoch_ = std::min(steps_per_epoch_, options_.limit_train_batches);
  }
}

nlohmann::ordered_json TrainingRun::make_identity() const {
  nlohmann::ordered_json identity = stage_.identity();
  identity.update(nlohmann::ordered_json{
      {"train_images", inputs_.train.paths.size()},
      {"seen_labels", inputs_.seen()},
      {"steps_per_epoch", steps_per_epoch_},
      {"global_batch_size", options_.batch_size * options_.accumulate * session_.ranks.size()},
      {"loss_average", options_.loss_average},
      {"batch_size", options_.loss_average == "rank" ? options_.batch_size : 0},  // else it does not matter
      {"epochs", options_.epochs},
      {"warmup_epochs", options_.warmup_epochs},
      {"lr", options_.lr},
      {"min_lr", options_.min_lr},
      {"weight_decay", options_.weight_decay},
      {"topk", options_.clip.topk},
      {"input_size", options_.clip.input_size},
      {"precision", options_.compute.precision},
      {"seed", options_.seed},
      {"train_transform", options_.train_transform},
      {"no_shuffle", options_.no_shuffle},
      {"on_bad_image", options_.data.on_bad_image},
      {"fast_decode", options_.data.fast_decode},
      {"clip_sha256", io::sha256_file(options_.clip.clip_path)},
      {"train_names_sha256", data::digest(inputs_.train.names)},
      {"train_labels_sha256", inputs_.train.labels.digest()}});
  return identity;
}

void TrainingRun::open_folder(const std::string& resolved) {
  identity_ = make_identity();
  nlohmann::ordered_json shared = identity_;
  shared.update(nlohmann::ordered_json{{"eval_every", options_.eval_every},
                                       {"test_names_sha256", data::digest(inputs_.test.names)},
                                       {"sets_sha256", data::digest(inputs_.test.sets)},
                                       {"resume", !options_.resume.empty()}});
  session::check_ranks_agree(shared, session_);
  std::optional<RunState> state;
  if (session_.is_main()) {
    folder_ = std::make_unique<RunFolder>(options_.output, !options_.resume.empty());
    check_space();
    if (!options_.resume.empty()) state = find_state();
  }
  share_run_state(state, session_.ranks);
  RunProgress progress;
  if (state) progress = load(*state);
  session_.ranks.barrier();  // nothing of an earlier run changes before all ranks have taken up its state
  if (session_.is_main()) {
    const bool own = state && lies_in(state->path, folder_->state_folder());
    if (own) set_aside_newer(folder_->state_folder(), state->path);
    folder_->begin(resolved, own ? progress.metrics_bytes : 0, steps_per_epoch_);
    return;
  }
  fs::create_directories(options_.output);  // on another node
  log::add_file(cat(options_.output, "/run.rank", session_.ranks.rank(), ".log"));
}

void TrainingRun::check_space() {
  const std::int64_t checkpoint = bytes_of(stage_.checkpoint());
  std::int64_t parameters = 0;
  for (const torch::Tensor& parameter : parameters_)
    parameters += static_cast<std::int64_t>(parameter.nbytes());
  const std::int64_t run_state = 3 * parameters;  // with both of AdamW's moments
  check_free_space(options_.output, checkpoint + run_state,
                   checkpoint * options_.epochs + run_state * (options_.keep_states + 1));
}

std::optional<RunState> TrainingRun::find_state() {
  const bool newest = options_.resume == "auto";
  if (!newest) io::require_file("resume", options_.resume);
  std::optional<RunState> state = newest ? newest_run_state(folder_->state_folder())
                                         : std::optional<RunState>(load_run_state(options_.resume));
  if (!state) {
    TORCH_CHECK(!folder_->holds_run() || !has_checkpoint(options_.output), "--resume: ", options_.output,
                " holds checkpoints, but no state that can be read. Name a state file, or another --output.");
    log::warning(cat("--resume: no state in ", folder_->state_folder(), " yet, starting from the beginning"));
    return std::nullopt;
  }
  TORCH_CHECK(lies_in(state->path, folder_->state_folder()) || !folder_->holds_run(),
              "--resume: ", state->path, " is a state of another run, and ", options_.output,
              " holds a run already. Name another --output.");
  // No image was bad so far, or the run would have ended: another policy from here on changes nothing before.
  nlohmann::ordered_json expected = identity_;
  if (state->identity.value("on_bad_image", "") == "error") expected["on_bad_image"] = "error";
  check_identity(*state, expected);
  return state;
}

RunProgress TrainingRun::load(const RunState& state) {
  RunProgress progress = RunProgress::of(state, options_.epochs, steps_per_epoch_);
  check_model(state, stage_.state());
  stage_.load_state(state.tensors);
  scaler_.load_state(progress.scaler);
  epoch_ = progress.epoch;
  first_step_ = progress.step;
  sums_ = {progress.sums[0], progress.sums[1], static_cast<std::int64_t>(progress.sums[2]),
           static_cast<std::int64_t>(progress.sums[3])};
  log::info(cat("resumed from ", state.path, ": epoch ", epoch_, ", step ", first_step_));
  return progress;
}

void TrainingRun::save_state(std::int64_t step) {
  if (!folder_) return;
  RunState state;
  state.identity = identity_;
  state.progress = {{"epoch", epoch_},
                    {"step", step},
                    {"metrics_bytes", folder_->metrics_bytes()},
                    {"sums", {sums_.rank, sums_.dist, sums_.steps, sums_.images}},
                    {"scaler", scaler_.state()}};
  state.tensors = stage_.state();
  save_run_state(folder_->state_folder(), epoch_ * steps_per_epoch_ + step, state, options_.keep_states);
  since_state_ = Stopwatch();
}

}  // namespace mkt::train
