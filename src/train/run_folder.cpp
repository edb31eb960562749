#include "train/run_folder.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <utility>
#include <vector>

#include "core/log.h"
#include "io/atomic_file.h"
#include "io/numbered_lines.h"
#include "io/record_scalars.h"
#include "train/run_state.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;
constexpr const char* kMetrics = "metrics.jsonl";

int take_lock(const std::string& folder) {
  const std::string path = folder + "/.lock";
  const int lock = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  TORCH_CHECK(lock >= 0, "output: ", path, " cannot be opened: ", std::strerror(errno),
              ". Name a folder that can be written.");
  if (flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  close(lock);
  TORCH_CHECK(false, "output: another run is writing to ", folder,
              ". Wait for it to end, or name another folder.");
}

}  // namespace

RunFolder::RunFolder(std::string path, bool resume) : path_(std::move(path)) {
  std::error_code failure;
  fs::create_directories(state_folder(), failure);
  TORCH_CHECK(!failure, "output: ", path_, " cannot be made: ", failure.message(),
              ". Name a folder that can be written.");
  lock_ = FileLock(take_lock(path_));
  TORCH_CHECK(resume || !holds_run(), "output: ", path_,
              " holds an earlier run. Resume it, or name another folder.");
}

bool RunFolder::holds_run() const {
  return fs::exists(file(kMetrics)) || has_run_states(state_folder());
}

void RunFolder::begin(const std::string& resolved, std::int64_t metrics_bytes, std::int64_t steps_per_epoch) {
  steps_per_epoch_ = steps_per_epoch;
  for (const std::string& folder : {path_, state_folder()}) io::remove_unfinished(folder);
  const auto bytes = static_cast<std::uintmax_t>(metrics_bytes);
  if (fs::exists(file(kMetrics)) && fs::file_size(file(kMetrics)) > bytes)
    fs::resize_file(file(kMetrics), bytes);
  io::write_atomically(file("resolved.toml"), [&](std::ostream& out) { out << resolved; });
  log::add_file(file("run.log"));
  metrics_ = std::make_unique<io::RecordWriter>(file(kMetrics));
  begin_events();
}

/// Starts a new event file. Readers discard the events in earlier files from the first step of a new file on.
/// The new file therefore begins with all records of the last recorded step: the step's own and, at the end
/// of an epoch, the epoch's.
void RunFolder::begin_events() {
  using nlohmann::ordered_json;
  std::vector<ordered_json> last;
  std::int64_t last_step = 0;
  for (const std::string& line : io::read_lines(file(kMetrics), io::kRecords)) {
    ordered_json record = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (record.is_discarded()) {  // truncated when the machine crashed
      log::warning("{}: skipped a line that is not JSON: {}", file(kMetrics), line);
      continue;
    }
    const std::int64_t step = io::scalars_of(record, steps_per_epoch_).step;
    if (step != last_step) last.clear();
    last_step = step;
    last.push_back(std::move(record));
  }
  events_ = std::make_unique<io::EventFile>(file("tensorboard"), last_step);
  for (const ordered_json& record : last) write_event(record);
}

void RunFolder::write_event(const nlohmann::ordered_json& record) {
  const io::StepScalars event = io::scalars_of(record, steps_per_epoch_);
  events_->write(io::wall_time_now(), event.step, event.scalars);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

void RunFolder::record(const nlohmann::ordered_json& record) {
  metrics_->write(record);
  write_event(record);
}

std::int64_t RunFolder::metrics_bytes() const {
  return static_cast<std::int64_t>(fs::file_size(file(kMetrics)));
}

}  // namespace mkt::train
