#include "distributed/topology.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>

#include "core/text.h"

namespace mkt::distributed {
namespace {

constexpr int kDefaultPort = 29500;  // torchrun's default port
constexpr int kAnyNumber = std::numeric_limits<int>::max();
constexpr const char* kAdvice = ". Check how the ranks are started.";

/// Reads environment variables. Errors name the variable.
class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}

  /// Whether the variable is set and not empty.
  bool has(const std::string& name) const { return !text(name).empty(); }

  std::string text(const std::string& name) const {
    const auto found = environment_.find(name);
    return found == environment_.end() ? "" : found->second;
  }

  /// Returns the value of the first variable in `names` that is set, or "".
  std::string first_text(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      if (has(name)) return text(name);
    }
    return "";
  }

  int number(const std::string& name, int low, int high) const {
    const std::string value = text(name);
    const char* end = value.data() + value.size();
    int parsed = 0;
    const auto [stopped, error] = std::from_chars(value.data(), end, parsed);
    const bool valid = error == std::errc() && stopped == end && low <= parsed && parsed <= high;
    const std::string range = high == kAnyNumber ? fmt::format("an integer of at least {}", low)
                                                 : fmt::format("an integer from {} to {}", low, high);
    TORCH_CHECK(valid, name, ": expected ", range, ", got ", value.empty() ? "nothing" : "'" + value + "'",
                kAdvice);
    return parsed;
  }

  int number_or(const std::string& name, int low, int high, int otherwise) const {
    return has(name) ? number(name, low, high) : otherwise;
  }

 private:
  const Environment& environment_;
};

bool is_torchrun(const Variables& variables) {
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"}) {
    if (variables.has(name)) return true;
  }
  return false;
}

/// Whether srun started this process as a task. A batch script also has SLURM_PROCID, but no step: it is a
/// single process, regardless of the job's number of tasks.
bool is_slurm(const Variables& variables) {
  const bool in_step = variables.has("SLURM_STEP_ID") || variables.has("SLURM_STEPID");
  return variables.has("SLURM_PROCID") && (in_step || !variables.has("SLURM_JOB_ID"));
}

bool is_open_mpi(const Variables& variables) {
  return variables.has("OMPI_COMM_WORLD_RANK") || variables.has("OMPI_COMM_WORLD_SIZE");
}

Topology from_torchrun(const Variables& variables) {
  Topology result;
  result.launcher = "torchrun";
  result.size = variables.number("WORLD_SIZE", 1, kAnyNumber);
  result.rank = variables.number("RANK", 0, result.size - 1);
  result.local_rank = variables.number_or("LOCAL_RANK", 0, result.size - 1, 0);
  const int least = result.local_rank + 1;
  result.local_size = variables.number_or("LOCAL_WORLD_SIZE", least, result.size, least);
  if (result.size == 1) return result;
  result.master_addr = variables.text("MASTER_ADDR");
  TORCH_CHECK(!result.master_addr.empty(),
              "MASTER_ADDR: expected the address of rank 0, since WORLD_SIZE is ", result.size,
              ", got nothing", kAdvice);
  result.master_port = variables.number("MASTER_PORT", 1, kLastPort);
  result.agent_store = variables.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
  result.run = fmt::format("{}/attempt_{}", variables.text("TORCHELASTIC_RUN_ID"),
                           variables.number_or("TORCHELASTIC_RESTART_COUNT", 0, kAnyNumber, 0));
  return result;
}

/// Returns entry `node` of SLURM's tasks per node: "4(x2),3" means 4, 4, 3. Returns `otherwise` if there is
/// no valid entry.
int tasks_on_node(const std::string& tasks_per_node, int node, int otherwise) {
  std::istringstream parts(tasks_per_node);
  for (std::string part; std::getline(parts, part, ',');) {
    int tasks = 0;
    int times = 1;
    const char* end = part.data() + part.size();
    const auto parsed = std::from_chars(part.data(), end, tasks);
    if (parsed.ec != std::errc()) return otherwise;
    if (end - parsed.ptr > 2) std::from_chars(parsed.ptr + 2, end, times);
    if (node < times) return tasks;
    node -= times;
  }
  return otherwise;
}

/// Derives a port from the job: the same on all ranks, unlikely to be used by other jobs, and below the range
/// of ephemeral ports.
int port_of_job(const std::string& job) {
  constexpr std::uint32_t kLowest = 15000;
  constexpr std::uint32_t kCount = 15000;
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : job) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return job.empty() ? kDefaultPort : static_cast<int>(kLowest + hash % kCount);
}

void set_address(Topology& result, const Variables& variables, const std::string& host,
                 const std::string& job) {
  result.master_addr = variables.text("MASTER_ADDR");
  if (result.master_addr.empty()) result.master_addr = result.one_node() ? "127.0.0.1" : host;
  TORCH_CHECK(!result.master_addr.empty(), "MASTER_ADDR: expected the address of rank 0, since the ",
              result.size, " ranks of ", result.launcher,
              " are on several nodes, got nothing. Export it to all ranks.");
  result.master_port = variables.number_or("MASTER_PORT", 1, kLastPort, port_of_job(job));
  result.run = job;
}

Topology from_slurm(const Variables& variables) {
  Topology result;
  result.launcher = "SLURM";
  const char* size_name = variables.has("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS";
  result.size = variables.number(size_name, 1, kAnyNumber);
  result.rank = variables.number("SLURM_PROCID", 0, result.size - 1);
  if (result.size == 1) return result;
  result.local_rank = variables.number("SLURM_LOCALID", 0, result.size - 1);
  const int nodes = variables.number_or("SLURM_NNODES", 1, kAnyNumber, 0);
  const int node = variables.number_or("SLURM_NODEID", 0, kAnyNumber, 0);
  const int unknown = nodes == 1 ? result.size : result.local_rank + 1;
  result.local_size = tasks_on_node(
      variables.first_text({"SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE"}), node, unknown);
  TORCH_CHECK(result.local_rank < result.local_size, "SLURM_LOCALID: expected less than this node's ",
              result.local_size, " tasks, got ", result.local_rank, kAdvice);
  const std::string hosts =
      variables.first_text({"SLURM_STEP_NODELIST", "SLURM_NODELIST", "SLURM_JOB_NODELIST"});
  const std::string step = variables.first_text({"SLURM_STEP_ID", "SLURM_STEPID"});
  const std::string job = variables.first_text({"SLURM_JOB_ID", "SLURM_JOBID"});
  set_address(result, variables, first_host(hosts), job.empty() ? "" : job + "." + step);
  return result;
}

Topology from_open_mpi(const Variables& variables) {
  Topology result;
  result.launcher = "Open MPI";
  result.size = variables.number("OMPI_COMM_WORLD_SIZE", 1, kAnyNumber);
  result.rank = variables.number("OMPI_COMM_WORLD_RANK", 0, result.size - 1);
  if (result.size == 1) return result;
  result.local_rank = variables.number("OMPI_COMM_WORLD_LOCAL_RANK", 0, result.size - 1);
  result.local_size = variables.number("OMPI_COMM_WORLD_LOCAL_SIZE", result.local_rank + 1, result.size);
  set_address(result, variables, "", variables.first_text({"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"}));
  return result;
}

}  // namespace

std::string first_host(const std::string& node_list) {
  std::string host;
  bool in_brackets = false;  // inside brackets, after their first entry
  for (std::size_t i = 0; i < node_list.size(); ++i) {
    const char c = node_list[i];
    if (in_brackets) {
      in_brackets = c != ']';
    } else if (c == ',') {
      break;
    } else if (c == '[') {
      const std::size_t end = node_list.find_first_of("-,]", i);
      if (end == std::string::npos) return "";
      host += node_list.substr(i + 1, end - i - 1);
      in_brackets = node_list[end] != ']';
      i = end;
    } else {
      host += c;
    }
  }
  return host;
}

Topology topology_from(const Environment& environment) {
  const Variables variables(environment);
  if (is_torchrun(variables)) return from_torchrun(variables);
  if (is_slurm(variables)) return from_slurm(variables);
  if (is_open_mpi(variables)) return from_open_mpi(variables);
  return {};
}

Topology topology_from_environment() {
  return topology_from(process_environment());
}

bool has_launcher(const Environment& environment) {
  return is_torchrun(Variables(environment)) || topology_from(environment).size > 1;
}

bool has_launcher() {
  return has_launcher(process_environment());
}

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace mkt::distributed
