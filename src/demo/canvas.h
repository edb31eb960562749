#pragma once
// What the painters of this room share. Canvases are 8-bit RGB, kScale times the picture a side.

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

#include "mkt/core/random.h"

namespace mkt::demo {

constexpr int kScale = 3;  // drawn so much larger, then averaged: OpenCV fills polygons without smooth edges

inline cv::Scalar moved(const cv::Scalar& colour, double by) {
  return {colour[0] + by, colour[1] + by, colour[2] + by};
}

/// Each channel moved by up to ±spread.
inline cv::Scalar jittered(const cv::Scalar& colour, double spread, KeyedRandom& random) {
  const double red = random.uniform(-spread, spread);
  const double green = random.uniform(-spread, spread);
  return {colour[0] + red, colour[1] + green, colour[2] + random.uniform(-spread, spread)};
}

inline cv::Point draw_point(const cv::Mat& canvas, KeyedRandom& random) {
  const auto x = static_cast<int>(random.below(static_cast<std::uint64_t>(canvas.cols)));
  return {x, static_cast<int>(random.below(static_cast<std::uint64_t>(canvas.rows)))};
}

inline cv::Vec3b pixel(const cv::Scalar& colour) {
  return {cv::saturate_cast<uchar>(colour[0]), cv::saturate_cast<uchar>(colour[1]),
          cv::saturate_cast<uchar>(colour[2])};
}

/// Fills the canvas with one of kBackgrounds.
void paint_background(cv::Mat& canvas, std::size_t background, KeyedRandom& random);

}  // namespace mkt::demo
