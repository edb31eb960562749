// Outlines of the world "signs".

#include <algorithm>
#include <cmath>

#include "world/outlines.h"

namespace mkt::demo::outlines {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;
constexpr int kArcSteps = 24;

/// Appends the arc of an ellipse to `contour`. Angles in turns, 0 to the right, 0.25 down.
void add_arc(Contour& contour, Point centre, Point radii, double from, double to) {
  for (int i = 0; i <= kArcSteps; ++i) {
    const double angle = 2 * kHalfTurn * (from + (to - from) * i / kArcSteps);
    contour.push_back({centre.x + radii.x * std::cos(angle), centre.y + radii.y * std::sin(angle)});
  }
}

Contour ellipse(Point centre, Point radii) {
  Contour contour;
  add_arc(contour, centre, radii, 0, 1);
  contour.pop_back();
  return contour;
}

}  // namespace

std::vector<Contour> diamond() {
  return {{{0, -1}, {0.72, 0}, {0, 1}, {-0.72, 0}}};
}

std::vector<Contour> bolt() {
  return {{{0.25, -1}, {-0.7, 0.15}, {-0.1, 0.15}, {-0.35, 1}, {0.7, -0.25}, {0.1, -0.25}, {0.7, -1}}};
}

std::vector<Contour> crown() {
  return {{{-0.95, 0.75}, {-1, -0.6}, {-0.5, 0.05}, {0, -0.85}, {0.5, 0.05}, {1, -0.6}, {0.95, 0.75}}};
}

std::vector<Contour> drop() {
  Contour contour = {{0, -1}};
  add_arc(contour, {0, 0.32}, {0.68, 0.68}, -0.07, 0.57);
  return {contour};
}

std::vector<Contour> hourglass() {
  return {{{-0.8, -1}, {0.8, -1}, {0.14, 0}, {0.8, 1}, {-0.8, 1}, {-0.14, 0}}};
}

std::vector<Contour> fish() {
  Contour contour = {{-0.98, -0.6}};
  add_arc(contour, {0.25, 0}, {0.75, 0.55}, -0.42, 0.42);
  contour.push_back({-0.98, 0.6});
  contour.push_back({-0.75, 0});
  return {contour};
}

std::vector<Contour> gear() {
  constexpr int kTeeth = 8;
  Contour contour;
  for (int i = 0; i < 4 * kTeeth; ++i) {
    const double angle = 2 * kHalfTurn * (i + 0.5) / (4 * kTeeth);
    const double radius = i % 4 < 2 ? 1 : 0.68;
    contour.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return {contour, ellipse({0, 0}, {0.34, 0.34})};
}

std::vector<Contour> cup() {
  Contour handle;
  add_arc(handle, {0.45, -0.2}, {0.55, 0.45}, -0.25, 0.25);
  add_arc(handle, {0.45, -0.2}, {0.28, 0.22}, 0.25, -0.25);
  return {{{-0.95, -0.85}, {0.45, -0.85}, {0.3, 0.85}, {-0.8, 0.85}}, handle};
}

std::vector<Contour> boat() {
  return {{{-1, 0.3},
           {-0.12, 0.3},
           {-0.12, 0.1},
           {-0.8, 0.1},
           {-0.06, -1},
           {0.06, -1},
           {0.75, 0.1},
           {0.12, 0.1},
           {0.12, 0.3},
           {1, 0.3},
           {0.6, 0.85},
           {-0.6, 0.85}}};
}

std::vector<Contour> key() {
  Contour contour = {{-0.08, -0.16}, {1, -0.16},  {1, 0.55},    {0.72, 0.55}, {0.72, 0.16},
                     {0.5, 0.16},    {0.5, 0.42}, {0.24, 0.42}, {0.24, 0.16}, {-0.08, 0.16}};
  add_arc(contour, {-0.5, 0}, {0.5, 0.5}, 0.06, 0.94);
  return {contour, ellipse({-0.55, 0}, {0.22, 0.22})};
}

std::vector<Contour> shield() {
  Contour contour = {{-0.85, -0.95}, {0.85, -0.95}};
  add_arc(contour, {-0.05, -0.1}, {0.9, 1.1}, 0, 0.24);
  add_arc(contour, {0.05, -0.1}, {0.9, 1.1}, 0.26, 0.5);
  return {contour};
}

std::vector<Contour> cloud() {
  Contour contour;
  add_arc(contour, {-0.58, 0.2}, {0.42, 0.42}, 0.25, 0.68);
  add_arc(contour, {-0.05, -0.15}, {0.5, 0.5}, 0.56, 0.95);
  add_arc(contour, {0.55, 0.17}, {0.45, 0.45}, 0.75, 1.25);
  return {contour};
}

}  // namespace mkt::demo::outlines
