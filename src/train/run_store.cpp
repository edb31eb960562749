#include "train/run_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "core/log.h"
#include "io/file_checks.h"
#include "loss/label_loss.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

bool has_checkpoint(const std::string& folder) {
  const auto files = fs::directory_iterator(folder);
  return std::any_of(begin(files), end(files),
                     [](const auto& entry) { return entry.path().extension() == ".pth"; });
}

bool lies_in(const std::string& file, const std::string& folder) {
  std::error_code failure;
  return fs::equivalent(fs::absolute(file).parent_path(), folder, failure);
}

}  // namespace

RunStore::RunStore(RunStoreOptions options, nlohmann::ordered_json identity, distributed::Communicator& ranks,
                   Clock clock)
    : options_(std::move(options)),
      identity_(std::move(identity)),
      ranks_(ranks),
      clock_(std::move(clock)),
      saved_at_(clock_()) {
  if (ranks_.is_main()) folder_ = std::make_unique<RunFolder>(options_.output, !options_.resume.empty());
}

double RunStore::steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Called when a run starts, so that a lack of disk space is reported at once and not after hours.
void RunStore::check_space(std::int64_t checkpoint_bytes, std::int64_t state_bytes) const {
  if (!folder_) return;
  const auto free = static_cast<double>(fs::space(options_.output).available);
  const auto once = static_cast<double>(checkpoint_bytes + state_bytes);
  const auto all =
      static_cast<double>(checkpoint_bytes * options_.epochs + state_bytes * (options_.keep_states + 1));
  TORCH_CHECK(
      free >= once,
      fmt::format("output: {} has {:.3f} GiB free, one state and one epoch's checkpoints take {:.3f}. "
                  "Free some, or name a folder on another disk.",
                  options_.output, free / kGiB, once / kGiB));
  if (free < all) {
    log::warning("{}: {:.1f} GiB free, all epochs take {:.1f}", options_.output, free / kGiB, all / kGiB);
  }
}

std::optional<ResumePoint> RunStore::find() const {
  std::optional<RunState> state;
  if (folder_ && !options_.resume.empty()) state = find_state();
  share_run_state(state, ranks_);
  if (!state) return std::nullopt;
  RunProgress progress = RunProgress::of(*state, options_.epochs, options_.steps_per_epoch);
  return ResumePoint{std::move(*state), std::move(progress)};
}

std::optional<RunState> RunStore::find_state() const {
  const bool newest = options_.resume == "auto";
  if (!newest) io::require_file("resume", options_.resume);
  std::optional<RunState> state =
      newest ? newest_run_state(state_folder()) : std::optional<RunState>(load_run_state(options_.resume));
  if (!state) {
    TORCH_CHECK(!folder_->holds_run() || !has_checkpoint(options_.output), "resume: ", options_.output,
                " holds checkpoints, but no state that can be read. Name a state file, "
                "or another output folder.");
    log::warning("no state in {} yet, starting from the beginning", state_folder());
    return std::nullopt;
  }
  TORCH_CHECK(lies_in(state->path, state_folder()) || !folder_->holds_run(), "resume: ", state->path,
              " is a state of another run, and ", options_.output,
              " holds a run already. Name another output folder.");
  // A run with on_bad_image = error has trained on no bad image yet, so it may resume with another policy.
  nlohmann::ordered_json expected = identity_;
  if (state->identity.value("on_bad_image", "") == "error") expected["on_bad_image"] = "error";
  if (identity_.contains("exif_rotate") && !state->identity.contains("exif_rotate"))
    state->identity["exif_rotate"] = false;  // an earlier build's state
  for (nlohmann::ordered_json* values : {&expected, &state->identity}) {
    if (!values->contains("loss")) (*values)["loss"] = loss::describe({});
  }
  check_identity(*state, expected);
  return state;
}

void RunStore::begin(const std::string& resolved, const std::optional<ResumePoint>& from) {
  ranks_.barrier();  // earlier files may change only after all ranks have loaded the state
  if (folder_) {
    const bool own = from && lies_in(from->state.path, state_folder());
    if (own) set_aside_newer(state_folder(), from->state.path);
    folder_->begin(resolved, own ? from->progress.metrics_bytes : 0, options_.steps_per_epoch);
    return;
  }
  fs::create_directories(options_.output);  // may not exist yet on another node
  log::add_file(fmt::format("{}/run.rank{}.log", options_.output, ranks_.rank()));
}

bool RunStore::is_due(std::int64_t step) const {
  if (step == options_.steps_per_epoch) return false;
  const bool by_steps = options_.checkpoint_every > 0 && step % options_.checkpoint_every == 0;
  const bool by_time =
      options_.checkpoint_minutes > 0 && clock_() - saved_at_ >= 60 * options_.checkpoint_minutes;
  return by_steps || by_time;
}

void RunStore::save(RunProgress progress, const weights::TensorMap& tensors) {
  if (!folder_) return;
  progress.metrics_bytes = folder_->metrics_bytes();
  const std::int64_t steps = progress.epoch * options_.steps_per_epoch + progress.step;
  save_run_state(state_folder(), steps, {"", identity_, progress.to_json(), tensors}, options_.keep_states);
  saved_at_ = clock_();
}

void RunStore::save_checkpoint(const std::string& name, const weights::TensorMap& tensors) const {
  if (folder_) weights::save_pth(checkpoint_path(name), tensors);
}

void RunStore::record(const nlohmann::ordered_json& record) {
  if (folder_) folder_->record(record);
}

}  // namespace mkt::train
