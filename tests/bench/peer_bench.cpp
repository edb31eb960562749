// Benchmark server, started by scripts/bench.sh: peers/*.py compare its times with those of other
// implementations. Reads one task name per line from stdin, runs the task, and prints one line: wall seconds,
// CPU seconds over all threads, and peak memory since set-up in MiB.

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <utility>
#include <vector>

#include "bench/peer_works.h"
#include "bench/timing.h"
#include "core/memory.h"
#include "mkt/core/error.h"
#include "session/runtime.h"

namespace mkt {
namespace {

struct Bench {
  std::int64_t threads;
  bench::Work (*prepare)(const std::string& folder);
};

/// Runs the tasks named on stdin until end of file.
void answer(const bench::Work& work) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto found = work.find(line);
    TORCH_CHECK_VALUE(found != work.end(), "stdin: unknown work '", line, "'.");
    bench::Contender contender{line, found->second};
    bench::time_once(contender);
    std::printf("%.9f %.9f %.1f\n", contender.wall[0], contender.processor[0], peak_memory_mib());
    std::fflush(stdout);
  }
}

void run(const std::vector<std::string>& words) {
  const std::map<std::string, Bench> benches{
      {"data", {1, bench::data_work}},     {"ap", {2, bench::ap_work}},
      {"encode", {2, bench::encode_work}}, {"stage1", {2, bench::stage1_work}},
      {"stage2", {2, bench::stage2_work}}, {"eval", {2, bench::eval_work}}};
  TORCH_CHECK_VALUE(words.size() == 3 && benches.count(words[1]) == 1,
                    "peer_bench: expected a kind of work and a folder. Start it with scripts/bench.sh.");
  const Bench& bench = benches.at(words[1]);
  session::ComputeOptions compute;
  compute.threads = bench.threads;
  session::make_runtime(compute);
  const bench::Work work = bench.prepare(words[2]);
  bench::begin_peak();
  answer(work);
}

}  // namespace
}  // namespace mkt

int main(int argc, char** argv) {
  try {
    mkt::run({argv, argv + argc});
    return 0;
  } catch (const c10::Error& error) {
    std::fprintf(stderr, "%s\n", mkt::one_line(error).c_str());
    return 1;
  }
}
