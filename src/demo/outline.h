#pragma once
// Outlines of the demo's shapes.

#include <cstddef>
#include <vector>

#include "demo/world.h"

namespace mkt::demo {

struct Point {
  double x = 0;
  double y = 0;  ///< grows downwards
};
using Contour = std::vector<Point>;

/// Contours of a shape of kShapes, within [-1, 1]². Points inside two contours belong to a hole.
std::vector<Contour> outline(std::size_t shape);

/// Contours of an object at its place in the image, in pixels.
std::vector<Contour> outline(const Object& object);

/// The smallest box around an object, in pixels of the image.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};
Bounds bounds(const Object& object);

}  // namespace mkt::demo
