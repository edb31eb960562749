#pragma once
// Random numbers that depend only on a key, for example (seed, epoch, image). The number of threads, ranks
// and restarts does not change them.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace mkt {

/// One step of splitmix64: a well-mixed 64-bit hash of `x`. Source: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014.
std::uint64_t splitmix64(std::uint64_t x);

/// A stream of random numbers keyed by integers. The same key gives the same stream on every platform: it
/// uses no std::*_distribution, whose results differ between standard libraries.
class KeyedRandom {
 public:
  explicit KeyedRandom(std::initializer_list<std::uint64_t> key);

  /// 64 random bits.
  std::uint64_t bits();
  /// Uniform in [0, 1), with 53 random bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Uniform in {0, …, bound − 1}, without bias. `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal. Source: the Box–Muller transform.
  double normal();

 private:
  std::uint64_t state_;
};

/// The numbers 0 … size − 1 in an order drawn from `random`. Source: the Fisher–Yates shuffle.
std::vector<std::int64_t> permutation(std::int64_t size, KeyedRandom random);

}  // namespace mkt
