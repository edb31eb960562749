#pragma once
// Helpers shared by the painters. A canvas is 8-bit RGB; its side is kScale times the side of the image.

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

#include "mkt/core/random.h"

namespace mkt::demo {

constexpr int kScale =
    3;  // images are painted larger, then averaged, because OpenCV does not antialias filled polygons

/// Returns `colour` with `by` added to each channel.
inline cv::Scalar moved(const cv::Scalar& colour, double by) {
  return {colour[0] + by, colour[1] + by, colour[2] + by};
}

/// Returns `colour` with a random offset in [-spread, spread] added to each channel.
inline cv::Scalar jittered(const cv::Scalar& colour, double spread, KeyedRandom& random) {
  const double red = random.uniform(-spread, spread);
  const double green = random.uniform(-spread, spread);
  return {colour[0] + red, colour[1] + green, colour[2] + random.uniform(-spread, spread)};
}

/// Draws a random pixel position on the canvas.
inline cv::Point draw_point(const cv::Mat& canvas, KeyedRandom& random) {
  const auto x = static_cast<int>(random.below(static_cast<std::uint64_t>(canvas.cols)));
  return {x, static_cast<int>(random.below(static_cast<std::uint64_t>(canvas.rows)))};
}

inline cv::Vec3b pixel(const cv::Scalar& colour) {
  return {cv::saturate_cast<uchar>(colour[0]), cv::saturate_cast<uchar>(colour[1]),
          cv::saturate_cast<uchar>(colour[2])};
}

/// Fills the canvas with `colour`, slightly changed at random; returns the colour used.
cv::Scalar fill_ground(cv::Mat& canvas, const cv::Scalar& colour, KeyedRandom& random);

/// Paints `count` discs with radii from 1 to `largest` canvas pixels, `colour` give or take `spread` levels.
void paint_specks(cv::Mat& canvas, const cv::Scalar& colour, int count, double largest, double spread,
                  KeyedRandom& random);

}  // namespace mkt::demo
