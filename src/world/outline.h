#pragma once
// Places the outlines of shapes in an image.

#include <vector>

#include "world/world.h"

namespace mkt::demo {

/// Returns the contours of an object at its position in the image, in pixels.
std::vector<Contour> outline(const World& world, const Object& object);

/// Bounding box of an object, in image pixels.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};
Bounds bounds(const World& world, const Object& object);

}  // namespace mkt::demo
