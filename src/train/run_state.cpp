#include "mkt/train/run_state.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>
#include <vector>

#include "mkt/core/error.h"
#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/io/safetensors.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;
constexpr const char* kKind = "mkt run state 1";

std::string state_name(std::int64_t step) {
  std::ostringstream name;
  name << "step-" << std::setfill('0') << std::setw(10) << step << ".safetensors";
  return name.str();
}

/// State files by name, which is by step, newest first.
std::vector<std::string> state_files(const std::string& folder) {
  std::vector<std::string> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("step-", 0) == 0 && entry.path().extension() == ".safetensors") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.rbegin(), files.rend());
  return files;
}

}  // namespace

void save_run_state(const std::string& folder, std::int64_t step, const RunState& state, int keep) {
  io::save_safetensors(
      folder + "/" + state_name(step), state.tensors,
      {{"kind", kKind}, {"identity", state.identity.dump()}, {"progress", state.progress.dump()}});
  const std::vector<std::string> files = state_files(folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < files.size(); ++i) fs::remove(files[i]);
}

void set_aside_newer(const std::string& folder, const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  for (const std::string& file : state_files(folder)) {
    if (fs::path(file).filename().string() <= name) continue;
    fs::rename(file, file + ".superseded");
    log::warning(cat("--resume: ", file, " is newer than the state asked for; renamed to *.superseded"));
  }
}

void share_run_state(std::optional<RunState>& state, distributed::Communicator& ranks) {
  if (ranks.size() == 1) return;
  nlohmann::ordered_json outline;
  if (state) {
    outline = {{"identity", state->identity}, {"progress", state->progress}};
    for (const auto& [name, tensor] : state->tensors) {
      outline["tensors"][name] = {{"type", static_cast<int>(tensor.scalar_type())}, {"sizes", tensor.sizes().vec()}};
    }
  }
  outline = nlohmann::ordered_json::parse(ranks.broadcast(outline.dump()));
  if (outline.is_null()) return;
  std::vector<torch::Tensor> tensors;
  if (!ranks.is_main()) {
    state = RunState{outline["identity"], outline["progress"], {}};
    for (const auto& [name, tensor] : outline["tensors"].items()) {
      state->tensors[name] = torch::empty(tensor["sizes"].get<std::vector<std::int64_t>>(),
                                          static_cast<torch::ScalarType>(tensor["type"].get<int>()));
    }
  }
  for (auto& [name, tensor] : state->tensors) {
    tensor = tensor.clone();  // a file's mapping may not be aligned, nor written to
    tensors.push_back(tensor);
  }
  ranks.broadcast(tensors);
}

RunState load_run_state(const std::string& path) {
  io::Safetensors file = io::load_safetensors(path);
  TORCH_CHECK(file.metadata["kind"] == kKind, path, ": expected the state of a training run, found '",
              file.metadata["kind"], "'. Name a file of a run's state folder.");
  RunState state;
  state.identity = nlohmann::ordered_json::parse(file.metadata["identity"]);
  state.progress = nlohmann::ordered_json::parse(file.metadata["progress"]);
  state.tensors = std::move(file.tensors);
  return state;
}

std::optional<std::pair<std::string, RunState>> newest_run_state(const std::string& folder) {
  for (const std::string& path : state_files(folder)) {
    try {
      return std::make_pair(path, load_run_state(path));
    } catch (const std::exception& error) {
      log::warning(cat("state passed over: ", one_line(error)));
    }
  }
  return std::nullopt;
}

void check_identity(const RunState& state, const nlohmann::ordered_json& identity, const std::string& path) {
  for (const auto& [name, value] : identity.items()) {
    const auto saved = state.identity.find(name);
    const std::string before = saved == state.identity.end() ? "nothing" : saved->dump();
    TORCH_CHECK_VALUE(before == value.dump(), "--resume: ", path, " was saved with ", name, " = ", before,
                      ", this run has ", value.dump(),
                      ". Use the same, or start anew with another --output.");
  }
}

}  // namespace mkt::train
