#include "mkt/core/random.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace mkt {
namespace {
constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15ULL;
constexpr double kTwoPi = 6.283185307179586476925286766559;
}  // namespace

std::uint64_t splitmix64(std::uint64_t x) {
  x += kGoldenGamma;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

KeyedRandom::KeyedRandom(std::initializer_list<std::uint64_t> key) : state_(0) {
  for (const std::uint64_t part : key) state_ = splitmix64(state_ ^ splitmix64(part));
}

std::uint64_t KeyedRandom::bits() {
  const std::uint64_t drawn = splitmix64(state_);
  state_ += kGoldenGamma;
  return drawn;
}

double KeyedRandom::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1.0p-53;
}

double KeyedRandom::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

std::uint64_t KeyedRandom::below(std::uint64_t bound) {
  const std::uint64_t rejected =
      (0 - bound) % bound;  // 2^64 mod bound; rejecting this many values makes all remainders equally likely
  std::uint64_t drawn = bits();
  while (drawn < rejected) drawn = bits();
  return drawn % bound;
}

double KeyedRandom::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(kTwoPi * uniform());
}

std::vector<std::int64_t> permutation(std::int64_t size, KeyedRandom random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace mkt
