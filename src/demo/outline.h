#pragma once
// The outlines of the demo's shapes.

#include <cstddef>
#include <vector>

#include "demo/world.h"

namespace mkt::demo {

struct Point {
  double x = 0;
  double y = 0;  ///< down
};
using Contour = std::vector<Point>;

/// Of a shape of kShapes that fits [-1, 1]². What lies in two contours is a hole.
std::vector<Contour> outline(std::size_t shape);

/// The same where an object lies in its picture, in pixels.
std::vector<Contour> outline(const Object& object);

/// The smallest box around an object, in pixels of the picture.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};
Bounds bounds(const Object& object);

}  // namespace mkt::demo
