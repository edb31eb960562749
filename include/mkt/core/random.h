#pragma once
// Random numbers that depend only on a key, for example (seed, epoch, image), and not on the number of
// threads, ranks or restarts.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace mkt {

/// Computes one step of splitmix64: a well-mixed 64-bit hash of `x`. Source: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014.
std::uint64_t splitmix64(std::uint64_t x);

/// A stream of random numbers keyed by integers. The same key gives the same stream on every platform: it
/// uses no std::*_distribution, whose results differ between standard libraries.
class KeyedRandom {
 public:
  explicit KeyedRandom(std::initializer_list<std::uint64_t> key);

  /// Returns 64 random bits.
  std::uint64_t bits();
  /// Returns a uniform number in [0, 1), with 53 random bits.
  double uniform();
  /// Returns a uniform number in [low, high).
  double uniform(double low, double high);
  /// Returns a uniform integer in {0, …, bound − 1}, without modulo bias. `bound` must be positive.
  std::uint64_t below(std::uint64_t bound);
  /// Returns a number from the standard normal distribution. Source: the Box–Muller transform.
  double normal();

 private:
  std::uint64_t state_;
};

/// Returns a random permutation of 0 … size − 1, drawn from `random`. Source: the Fisher–Yates shuffle.
std::vector<std::int64_t> permutation(std::int64_t size, KeyedRandom random);

}  // namespace mkt
