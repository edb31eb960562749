#pragma once
// Computes the outlines of the demo's shapes.

#include <cstddef>
#include <vector>

#include "demo/world.h"

namespace mkt::demo {

struct Point {
  double x = 0;
  double y = 0;  ///< increases downwards
};
using Contour = std::vector<Point>;

/// Returns the contours of kShapes[shape] within [-1, 1]². A point inside two contours is in a hole.
std::vector<Contour> outline(std::size_t shape);

/// Returns the contours of an object at its position in the image, in pixels.
std::vector<Contour> outline(const Object& object);

/// Bounding box of an object, in image pixels.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};
Bounds bounds(const Object& object);

}  // namespace mkt::demo
