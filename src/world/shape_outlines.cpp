// Outlines of the world "shapes".

#include <cmath>
#include <functional>

#include "world/outlines.h"

namespace mkt::demo::outlines {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kSteps = 40;  // number of corners to approximate a circle

/// Returns a closed contour with corners at `radius(angle)`; angle 0 points up.
Contour around(int corners, const std::function<double(double)>& radius) {
  Contour contour;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * kPi * i / corners;
    contour.push_back({radius(angle) * std::sin(angle), -radius(angle) * std::cos(angle)});
  }
  return contour;
}

Contour disc(double radius) {
  return around(kSteps, [=](double) { return radius; });
}

}  // namespace

std::vector<Contour> circle() {
  return {disc(1)};
}

std::vector<Contour> ring() {
  return {disc(1), disc(0.55)};
}

std::vector<Contour> star() {
  Contour contour;
  for (int i = 0; i < 10; ++i) {
    const double radius = i % 2 == 0 ? 1.0 : 0.42;
    contour.push_back({radius * std::sin(kPi * i / 5), -radius * std::cos(kPi * i / 5)});
  }
  return {contour};
}

std::vector<Contour> flower() {
  return {around(2 * kSteps, [](double angle) { return 0.79 + 0.21 * std::cos(6 * angle); }), disc(0.25)};
}

std::vector<Contour> heart() {
  Contour contour;
  for (int i = 0; i < kSteps; ++i) {
    const double t = 2 * kPi * i / kSteps;
    const double y = 13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t);
    contour.push_back({std::pow(std::sin(t), 3), -(y + 2.5) / 15.5});
  }
  return {contour};
}

/// Returns the outline of a moon: a disc minus another disc to its right.
std::vector<Contour> moon() {
  const double corner = 0.9;  // angle of the tips on the outer circle, from the x axis
  const double inner = std::atan2(std::sin(corner), std::cos(corner) - 0.55);
  const double radius = std::hypot(std::sin(corner), std::cos(corner) - 0.55);
  Contour contour;
  for (int i = 0; i <= kSteps; ++i) {
    const double angle = corner + (2 * kPi - 2 * corner) * i / kSteps;
    contour.push_back({std::cos(angle), std::sin(angle)});
  }
  for (int i = 1; i < kSteps; ++i) {
    const double angle = -inner - (2 * kPi - 2 * inner) * i / kSteps;
    contour.push_back({0.55 + radius * std::cos(angle), radius * std::sin(angle)});
  }
  return {contour};
}

std::vector<Contour> cross() {
  const double a = 0.32;  // half of the bar width
  return {{{-a, -1},
           {a, -1},
           {a, -a},
           {1, -a},
           {1, a},
           {a, a},
           {a, 1},
           {-a, 1},
           {-a, a},
           {-1, a},
           {-1, -a},
           {-a, -a}}};
}

std::vector<Contour> tree() {
  return {{{0, -1},
           {0.55, -0.3},
           {0.32, -0.3},
           {0.85, 0.5},
           {0.18, 0.5},
           {0.18, 1},
           {-0.18, 1},
           {-0.18, 0.5},
           {-0.85, 0.5},
           {-0.32, -0.3},
           {-0.55, -0.3}}};
}

std::vector<Contour> square() {
  return {{{-0.85, -0.85}, {0.85, -0.85}, {0.85, 0.85}, {-0.85, 0.85}}};
}

std::vector<Contour> triangle() {
  return {{{0, -1}, {0.98, 0.85}, {-0.98, 0.85}}};
}

std::vector<Contour> arrow() {
  return {{{-1, -0.28}, {0.1, -0.28}, {0.1, -0.8}, {1, 0}, {0.1, 0.8}, {0.1, 0.28}, {-1, 0.28}}};
}

std::vector<Contour> house() {
  return {{{0, -1}, {1, -0.15}, {0.78, -0.15}, {0.78, 0.95}, {-0.78, 0.95}, {-0.78, -0.15}, {-1, -0.15}},
          {{-0.22, 0.95}, {-0.22, 0.3}, {0.22, 0.3}, {0.22, 0.95}}};
}

}  // namespace mkt::demo::outlines
