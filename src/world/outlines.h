#pragma once
// Outlines of shapes within [-1, 1]², as contours; a point inside two contours is in a hole.

#include <vector>

#include "world/world.h"

namespace mkt::demo::outlines {

std::vector<Contour> arrow();
std::vector<Contour> circle();
std::vector<Contour> cross();
std::vector<Contour> flower();
std::vector<Contour> heart();
std::vector<Contour> house();
std::vector<Contour> moon();
std::vector<Contour> ring();
std::vector<Contour> square();
std::vector<Contour> star();
std::vector<Contour> tree();
std::vector<Contour> triangle();

std::vector<Contour> boat();
std::vector<Contour> bolt();
std::vector<Contour> cloud();
std::vector<Contour> crown();
std::vector<Contour> cup();
std::vector<Contour> diamond();
std::vector<Contour> drop();
std::vector<Contour> fish();
std::vector<Contour> gear();
std::vector<Contour> hourglass();
std::vector<Contour> key();
std::vector<Contour> shield();

}  // namespace mkt::demo::outlines
