#include "world/patterns.h"

#include <cmath>

#include "mkt/core/random.h"

namespace mkt::demo::patterns {
namespace {

int band(double value, double width) {
  return static_cast<int>(std::floor(value / width)) & 1;
}

}  // namespace

bool plain(double /*u*/, double /*v*/) {
  return false;
}

bool striped(double u, double /*v*/) {
  constexpr double kStripe = 6.5;
  return band(u, kStripe) != 0;
}

bool dotted(double u, double v) {
  constexpr double kDots = 12;
  constexpr double kDot = 3.8;
  const auto from_middle = [](double value) { return value - kDots * (std::floor(value / kDots) + 0.5); };
  return std::hypot(from_middle(u), from_middle(v)) < kDot;
}

bool checkered(double u, double v) {
  constexpr double kCheck = 9;
  return band(u, kCheck) != band(v, kCheck);
}

bool wavy(double u, double v) {
  constexpr double kStripe = 6;
  constexpr double kLength = 3.5;  // of a wave over 2π
  constexpr double kHeight = 4;
  return band(u + kHeight * std::sin(v / kLength), kStripe) != 0;
}

bool gridded(double u, double v) {
  constexpr double kMesh = 11;
  constexpr double kWire = 3;
  const auto on_wire = [](double value) { return value - kMesh * std::floor(value / kMesh) < kWire; };
  return on_wire(u) || on_wire(v);
}

bool speckled(double u, double v) {
  constexpr double kSpeck = 5;
  constexpr double kShare = 0.35;
  const auto cell = [](double value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(std::floor(value / kSpeck)));
  };
  return KeyedRandom({cell(u), cell(v)}).uniform() < kShare;
}

}  // namespace mkt::demo::patterns
