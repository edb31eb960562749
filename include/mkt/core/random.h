#pragma once
// Randomness that is a function of what it is for, never of who draws it: the same for any number of
// threads, ranks or restarts.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace mkt {

/// One round of splitmix64: a well-mixed 64-bit hash of `x`. Source: Steele et al., OOPSLA 2014.
std::uint64_t splitmix64(std::uint64_t x);

/// A stream of numbers keyed by integers, e.g. {seed, epoch, image index}. Same key, same stream, on every
/// platform (nothing of std::*_distribution, whose results differ between libraries).
class KeyedRandom {
 public:
  explicit KeyedRandom(std::initializer_list<std::uint64_t> key);

  std::uint64_t bits();
  /// Uniform in [0, 1), 53 random bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Uniform in {0, …, bound − 1}, unbiased. `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal, by Box and Muller's transform.
  double normal();

 private:
  std::uint64_t state_;
};

/// 0 … size − 1 in an order drawn from `random` (Fisher and Yates).
std::vector<std::int64_t> permutation(std::int64_t size, KeyedRandom random);

}  // namespace mkt
