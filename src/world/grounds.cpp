// Backgrounds of the world "shapes", and their helpers.

#include "world/grounds.h"

#include <opencv2/imgproc.hpp>

#include "world/canvas.h"

namespace mkt::demo {

cv::Scalar fill_ground(cv::Mat& canvas, const cv::Scalar& colour, KeyedRandom& random) {
  constexpr double kSpread = 12;
  const cv::Scalar own = jittered(colour, kSpread, random);
  canvas.setTo(own);
  return own;
}

void paint_specks(cv::Mat& canvas, const cv::Scalar& colour, int count, double largest, double spread,
                  KeyedRandom& random) {
  for (int i = 0; i < count; ++i) {
    const cv::Point at = draw_point(canvas, random);
    const auto radius = static_cast<int>(random.uniform(1, largest));
    cv::circle(canvas, at, radius, moved(colour, random.uniform(-spread, spread)), cv::FILLED);
  }
}

namespace grounds {

void grass(cv::Mat& canvas, KeyedRandom& random) {
  constexpr int kStrokes = 140;
  const cv::Scalar colour = fill_ground(canvas, {62, 122, 48}, random);
  for (int i = 0; i < kStrokes; ++i) {
    const cv::Point foot = draw_point(canvas, random);
    const cv::Point tip(foot.x + static_cast<int>(random.uniform(-5, 5)),
                        foot.y - static_cast<int>(random.uniform(9, 18)));
    cv::line(canvas, foot, tip, moved(colour, random.uniform(-28, 28)), 2);
  }
}

void sand(cv::Mat& canvas, KeyedRandom& random) {
  paint_specks(canvas, fill_ground(canvas, {212, 188, 140}, random), 420, 3, 24, random);
}

void night(cv::Mat& canvas, KeyedRandom& random) {
  fill_ground(canvas, {20, 22, 54}, random);
  paint_specks(canvas, {215, 215, 225}, 24, 3, 30, random);
}

/// Paints a sky that gets lighter towards the bottom, with clouds.
void sky(cv::Mat& canvas, KeyedRandom& random) {
  constexpr double kLighter = 0.15;  // added to each channel per row
  constexpr int kClouds = 3;
  constexpr int kPuffs = 4;
  const cv::Scalar colour = fill_ground(canvas, {116, 170, 222}, random);
  for (int y = 0; y < canvas.rows; ++y) canvas.row(y).setTo(moved(colour, kLighter * y));
  for (int i = 0; i < kClouds; ++i) {
    const cv::Point middle = draw_point(canvas, random);
    for (int puff = 0; puff < kPuffs; ++puff) {
      const cv::Point at(middle.x + static_cast<int>(random.uniform(-26, 26)),
                         middle.y + static_cast<int>(random.uniform(-6, 6)));
      const cv::Size size(static_cast<int>(random.uniform(12, 26)), static_cast<int>(random.uniform(6, 11)));
      cv::ellipse(canvas, at, size, 0, 0, 360, {232, 240, 247}, cv::FILLED);
    }
  }
}

void brick(cv::Mat& canvas, KeyedRandom& random) {
  constexpr int kHeight = 20;
  constexpr int kWidth = 42;
  constexpr int kMortar = 3;
  fill_ground(canvas, {186, 176, 166}, random);
  const cv::Scalar colour = jittered({156, 78, 60}, 12, random);
  const int shift_x = static_cast<int>(random.below(kWidth));
  const int shift_y = static_cast<int>(random.below(kHeight));
  for (int row = 0; row * kHeight - shift_y < canvas.rows; ++row) {
    for (int x = -shift_x - (row % 2) * kWidth / 2; x < canvas.cols; x += kWidth) {
      const cv::Rect stone(x, row * kHeight - shift_y, kWidth - kMortar, kHeight - kMortar);
      cv::rectangle(canvas, stone, moved(colour, random.uniform(-16, 16)), cv::FILLED);
    }
  }
}

void snow(cv::Mat& canvas, KeyedRandom& random) {
  const cv::Scalar own = fill_ground(canvas, {234, 239, 245}, random);
  paint_specks(canvas, moved(own, -26), 110, 5, 10, random);
}

}  // namespace grounds
}  // namespace mkt::demo
