#include "world/outline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mkt::demo {

std::vector<Contour> outline(const World& world, const Object& object) {
  std::vector<Contour> contours = world.shapes.at(object.shape).outline();
  const double sine = std::sin(object.angle);
  const double cosine = std::cos(object.angle);
  for (Contour& contour : contours) {
    for (Point& point : contour) {
      point = {object.x + object.radius * (cosine * point.x - sine * point.y),
               object.y + object.radius * (sine * point.x + cosine * point.y)};
    }
  }
  return contours;
}

Bounds bounds(const World& world, const Object& object) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Bounds box{kFar, kFar, -kFar, -kFar};
  for (const Contour& contour : outline(world, object)) {
    for (const Point& point : contour) {
      box = {std::min(box.left, point.x), std::min(box.top, point.y), std::max(box.right, point.x),
             std::max(box.bottom, point.y)};
    }
  }
  return box;
}

}  // namespace mkt::demo
