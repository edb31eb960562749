#pragma once
// Measures several functions in interleaved rounds.

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mkt::bench {

/// Releases freed heap memory to the system and resets peak_memory_mib().
inline void begin_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;
}

/// A function and its measured times, one per round.
struct Contender {
  Contender(std::string name_, std::function<void()> action_)
      : name(std::move(name_)), action(std::move(action_)) {}

  std::string name;
  std::function<void()> action;
  std::vector<double> wall;       ///< wall time in seconds
  std::vector<double> processor;  ///< CPU time in seconds, summed over threads
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

inline void time_once(Contender& contender) {
  const auto wall = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  contender.action();
  contender.processor.push_back(static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC);
  contender.wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count());
}

/// Runs every contender once as a warm-up, then measures `rounds` rounds; each round runs every contender
/// once, so that other load on the machine affects all. Prints median wall and CPU times, and the ratio of
/// the first contender's CPU time to each contender's.
inline void time_interleaved(std::vector<Contender>& contenders, int rounds) {
  for (Contender& contender : contenders) contender.action();
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) time_once(contender);
  }
  const Contender& first = contenders.front();
  for (const Contender& contender : contenders) {
    std::printf("%-34s %9.1f ms %9.1f ms processor  %.2f x\n", contender.name.c_str(),
                1e3 * median(contender.wall), 1e3 * median(contender.processor),
                median(first.processor) / median(contender.processor));
  }
}

}  // namespace mkt::bench
