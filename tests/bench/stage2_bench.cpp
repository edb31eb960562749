// Compares a stage-2 step in two implementations, the reference ("long") and ours: time, memory, and bytes
// exchanged between ranks.
// Usage: stage2_bench compare tiny|full LABELS IMAGES ROUNDS     both implementations, interleaved
//        stage2_bench growth IMAGES ROUNDS                       ours at 100, 1,000 and 10,000 labels, tiny
//        stage2_bench alone long|ours tiny|full LABELS IMAGES ROUNDS
// Prints results as JSON lines on standard output and as text on standard error. Times are median CPU time,
// summed over threads, and median wall time. Memory is the peak memory of a separate process during its
// steps, including the weights.
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/timing.h"
#include "bench/ways.h"
#include "core/memory.h"
#include "session/runtime.h"
#include "support/command.h"

namespace mkt {
namespace {

using bench::Contender;
using bench::median;
using bench::Stage2Case;
using nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

std::unique_ptr<bench::Stage2Way> make_way(const std::string& name, const Stage2Case& options) {
  TORCH_CHECK_VALUE(name == "long" || name == "ours", "stage2_bench: expected long or ours, got '", name,
                    "'.");
  const bench::Stage2Given given = bench::formula_stage2(options);
  return name == "long" ? bench::make_long_stage2(given) : bench::make_our_stage2(given);
}

ordered_json describe(const std::string& way, const Stage2Case& options) {
  return {{"way", way}, {"shape", options.shape}, {"labels", options.labels}, {"images", options.images}};
}

void time_alone(const std::string& name, const Stage2Case& options, int rounds) {
  const auto way = make_way(name, options);
  bench::begin_peak();
  const double held = peak_memory_mib();
  Contender contender{name, [&] { way->step(); }};
  contender.action();
  for (int round = 0; round < rounds; ++round) time_once(contender);
  ordered_json line = describe(name, options);
  line["wall_s"] = median(contender.wall);
  line["processor_s"] = median(contender.processor);
  line["held_mib"] = held;
  line["peak_mib"] = peak_memory_mib();
  line["bytes_exchanged"] = way->bytes_exchanged();
  std::cout << line.dump() << std::endl;
}

/// Measures one implementation in a separate process; returns its JSON record.
ordered_json run_alone(const std::string& name, const Stage2Case& options, int rounds) {
  const auto result = test::run_command({MKT_BINARY_DIR "/tests/stage2_bench", "alone", name, options.shape,
                                         std::to_string(options.labels), std::to_string(options.images),
                                         std::to_string(rounds)});
  TORCH_CHECK(result.exit_code == 0, "stage2_bench alone ", name, ": expected exit code 0, got ",
              result.exit_code, ". ", result.error);
  return ordered_json::parse(result.output);
}

void compare(const Stage2Case& options, int rounds) {
  const ordered_json long_alone = run_alone("long", options, 1);
  const ordered_json ours_alone = run_alone("ours", options, 1);
  const auto long_way = make_way("long", options);
  const auto our_way = make_way("ours", options);
  const double expected = long_way->step().item<double>();
  const double actual = our_way->step().item<double>();
  TORCH_CHECK(std::abs(actual / expected - 1) < 1e-4, "stage2_bench: expected equal losses, got ", expected,
              " the long way and ", actual, " ours.");
  Contender long_step{"long", [&] { long_way->step(); }};
  Contender our_step{"ours", [&] { our_way->step(); }};
  for (int round = 0; round < rounds; ++round) {
    time_once(long_step);
    time_once(our_step);
  }
  ordered_json line = describe("long / ours", options);
  const auto put = [&](const std::string& what, double first, double second) {
    line[what] = {first, second};
    line[what + "_ratio"] = first / second;
    std::cerr << what << ": " << first << " / " << second << " = " << first / second << '\n';
  };
  put("processor_s", median(long_step.processor), median(our_step.processor));
  put("wall_s", median(long_step.wall), median(our_step.wall));
  for (const char* what : {"peak_mib", "bytes_exchanged"}) {
    put(what, long_alone[what].get<double>(), ours_alone[what].get<double>());
  }
  std::cout << line.dump() << std::endl;
}

void growth(std::int64_t images, int rounds) {
  for (const std::int64_t labels : {100, 1000, 10000}) {
    const ordered_json line = run_alone("ours", {"tiny", labels, images}, rounds);
    std::cerr << labels << " labels: " << line["processor_s"] << " s processor time per step, peak "
              << line["peak_mib"] << " MiB\n";
    std::cout << line.dump() << std::endl;
  }
}

void run(const Arguments& arguments) {
  const std::string mode = arguments.empty() ? "" : arguments[0];
  const auto case_from = [&](std::size_t i) {
    return Stage2Case{arguments.at(i), std::stoll(arguments.at(i + 1)), std::stoll(arguments.at(i + 2))};
  };
  session::make_runtime({});
  if (mode == "compare") return compare(case_from(1), std::stoi(arguments.at(4)));
  if (mode == "alone") return time_alone(arguments.at(1), case_from(2), std::stoi(arguments.at(5)));
  if (mode == "growth") return growth(std::stoll(arguments.at(1)), std::stoi(arguments.at(2)));
  TORCH_CHECK_VALUE(false, "stage2_bench: expected compare, growth or alone, got '", mode, "'.");
}

}  // namespace
}  // namespace mkt

int main(int argc, char** argv) {
  try {
    mkt::run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
