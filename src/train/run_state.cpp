#include "train/run_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/log.h"
#include "core/text.h"
#include "io/json.h"
#include "mkt/core/error.h"
#include "weights/safetensors.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;
/// Marks a file as a run state. Safetensors files end with their data, so a marked file that can be read is
/// complete.
constexpr const char* kKind = "mkt run state 1";

std::string state_name(std::int64_t step) {
  return fmt::format("step-{:010}.safetensors", step);
}

/// Lists the state files, newest first: their names sort by step.
std::vector<std::string> state_files(const std::string& folder) {
  std::vector<std::string> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (starts_with(name, "step-") && entry.path().extension() == ".safetensors") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.rbegin(), files.rend());
  return files;
}

nlohmann::ordered_json parsed(const std::string& text, const std::string& path) {
  auto json = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  TORCH_CHECK(json.is_object(), path, ": expected a JSON object of a run's state, got '", text,
              "'. Name another state.");
  return json;
}

}  // namespace

void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, std::int64_t keep) {
  const std::string path = folder + "/" + state_name(step);
  weights::save_safetensors(path, state.tensors,
                            {{"kind", kKind},
                             {"identity", io::json_text(state.identity)},
                             {"progress", io::json_text(state.progress)}});
  std::int64_t kept = 1;
  for (const std::string& file : state_files(folder)) {
    if (file != path && ++kept > keep) fs::remove(file);
  }
}

bool has_run_states(const std::string& folder) {
  return !state_files(folder).empty();
}

void set_aside_newer(const std::string& folder, const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  for (const std::string& file : state_files(folder)) {
    if (fs::path(file).filename().string() <= name) continue;
    std::string aside = file + ".superseded";
    for (int i = 2; fs::exists(aside); ++i) aside = fmt::format("{}.superseded-{}", file, i);
    fs::rename(file, aside);
    log::warning("{} is newer than the state to resume from: renamed to {}", file, aside);
  }
}

void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks) {
  if (ranks.size() == 1) return;
  nlohmann::ordered_json outline;
  if (state) {
    outline = {{"path", state->path}, {"identity", state->identity}, {"progress", state->progress}};
    for (const auto& [name, tensor] : state->tensors) {
      outline["tensors"][name] = {{"type", static_cast<int>(tensor.scalar_type())},
                                  {"sizes", tensor.sizes().vec()}};
    }
  }
  outline = nlohmann::ordered_json::parse(ranks.broadcast(io::json_text(outline)));
  if (outline.is_null()) return;
  std::vector<torch::Tensor> tensors;
  if (!ranks.is_main()) {
    state = RunState{outline["path"], outline["identity"], outline["progress"], {}};
    for (const auto& [name, tensor] : outline["tensors"].items()) {
      state->tensors[name] = torch::empty(tensor["sizes"].get<std::vector<std::int64_t>>(),
                                          static_cast<torch::ScalarType>(tensor["type"].get<int>()));
    }
  }
  for (auto& [name, tensor] : state->tensors) {
    tensor = tensor.clone();  // memory-mapped tensors are read-only and may be unaligned
    tensors.push_back(tensor);
  }
  ranks.broadcast(tensors);
}

RunState load_run_state(const std::string& path) {
  weights::Safetensors file = weights::load_safetensors(path);
  TORCH_CHECK(file.metadata["kind"] == kKind, path, ": expected the state of a training run, got kind '",
              file.metadata["kind"], "'. Name a file of a run's state folder.");
  RunState state;
  state.path = path;
  state.identity = parsed(file.metadata["identity"], path);
  state.progress = parsed(file.metadata["progress"], path);
  state.tensors = std::move(file.tensors);
  return state;
}

RunProgress RunProgress::of(const RunState& state, std::int64_t epochs, std::int64_t steps) {
  RunProgress progress;
  std::vector<double> sums;
  try {
    progress.epoch = state.progress.at("epoch");
    progress.step = state.progress.at("step");
    progress.metrics_bytes = state.progress.at("metrics_bytes");
    sums = state.progress.at("sums").get<std::vector<double>>();
    progress.scaler = state.progress.at("scaler");
  } catch (const nlohmann::json::exception& error) {
    TORCH_CHECK(false, state.path, ": expected a run's progress, got '", io::json_text(state.progress), "' (",
                error.what(), "). Name another state.");
  }
  const bool fits = 0 <= progress.epoch && progress.epoch <= epochs && 0 <= progress.step &&
                    progress.step <= steps && progress.metrics_bytes >= 0 && sums.size() == 4;
  TORCH_CHECK(fits, state.path, ": expected progress in a run of ", epochs, " epochs of ", steps,
              " steps, got '", io::json_text(state.progress), "'. Name another state.");
  progress.sums = {sums[0], sums[1], static_cast<std::int64_t>(sums[2]), static_cast<std::int64_t>(sums[3])};
  return progress;
}

nlohmann::ordered_json RunProgress::to_json() const {
  return {{"epoch", epoch},
          {"step", step},
          {"metrics_bytes", metrics_bytes},
          {"sums", {sums.rank_loss, sums.dist_loss, sums.steps, sums.images}},
          {"scaler", scaler}};
}

std::optional<RunState> newest_run_state(const std::string& folder) {
  for (const std::string& path : state_files(folder)) {
    try {
      return load_run_state(path);
    } catch (const std::exception& error) {
      log::warning("skipped a state that cannot be read: {}", one_line(error));
    }
  }
  return std::nullopt;
}

void check_identity(const RunState& state, const nlohmann::ordered_json& identity) {
  const auto text = [](const nlohmann::ordered_json& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? "nothing" : io::json_text(*found);
  };
  nlohmann::ordered_json names = identity;
  names.update(state.identity);
  for (const auto& [name, value] : names.items()) {
    const std::string before = text(state.identity, name);
    const std::string now = text(identity, name);
    TORCH_CHECK_VALUE(before == now, "resume: ", state.path, " was saved with ", name, " = ", before,
                      ", this run has ", now,
                      ". Use the same value, or start a new run in another output folder.");
  }
}

void check_model(const RunState& state, const weights::TensorMap& expected) {
  const auto in_model = [](const std::string& name) { return starts_with(name, "model."); };
  for (const auto& [name, tensor] : expected) {
    if (!in_model(name)) continue;
    const auto found = state.tensors.find(name);
    TORCH_CHECK(found != state.tensors.end(), state.path, ": expected a tensor '", name,
                "', got none. Name another state.");
    TORCH_CHECK(found->second.sizes() == tensor.sizes(), state.path, ": expected '", name, "' of shape ",
                tensor.sizes(), ", got ", found->second.sizes(), ". Name another state.");
  }
  for (const auto& [name, tensor] : state.tensors) {
    TORCH_CHECK(!in_model(name) || expected.count(name) > 0, state.path,
                ": expected only the trained parameters, got '", name, "' too. Name another state.");
  }
}

}  // namespace mkt::train
