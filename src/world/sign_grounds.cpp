// Backgrounds of the worlds "signs" and "catalogue".

#include <opencv2/imgproc.hpp>

#include "world/canvas.h"
#include "world/grounds.h"

namespace mkt::demo::grounds {
namespace {

/// Adds levels to each pixel: `levels(x, y)`.
template <typename Levels>
void shade(cv::Mat& canvas, Levels levels) {
  for (int y = 0; y < canvas.rows; ++y) {
    for (int x = 0; x < canvas.cols; ++x) {
      auto& here = canvas.at<cv::Vec3b>(y, x);
      here = pixel(
          moved({static_cast<double>(here[0]), static_cast<double>(here[1]), static_cast<double>(here[2])},
                levels(x, y)));
    }
  }
}

/// Paints `count` jagged lines from the left edge to the right one.
void paint_veins(cv::Mat& canvas, const cv::Scalar& colour, int count, int thickness, KeyedRandom& random) {
  constexpr int kStep = 16;
  for (int i = 0; i < count; ++i) {
    cv::Point from(0, draw_point(canvas, random).y);
    const double slope = random.uniform(-10, 10);
    while (from.x < canvas.cols) {
      const cv::Point to(from.x + kStep, from.y + static_cast<int>(slope + random.uniform(-12, 12)));
      cv::line(canvas, from, to, moved(colour, random.uniform(-14, 14)), thickness);
      from = to;
    }
  }
}

}  // namespace

void sea(cv::Mat& canvas, KeyedRandom& random) {
  fill_ground(canvas, {24, 92, 116}, random);
  const double phase = random.uniform(0, 6.3);
  shade(canvas, [&](int x, int y) { return 24 * std::sin(0.33 * y + 2 * std::sin(0.07 * x + phase)); });
}

void wood(cv::Mat& canvas, KeyedRandom& random) {
  constexpr int kPlank = 46;
  fill_ground(canvas, {170, 122, 74}, random);
  const double phase = random.uniform(0, 6.3);
  shade(canvas, [&](int x, int y) { return 16 * std::sin(0.45 * y + 3 * std::sin(0.02 * x + phase)); });
  for (int y = static_cast<int>(random.below(kPlank)); y < canvas.rows; y += kPlank)
    cv::line(canvas, {0, y}, {canvas.cols, y}, {96, 64, 34}, 2);
}

void marble(cv::Mat& canvas, KeyedRandom& random) {
  const cv::Scalar own = fill_ground(canvas, {222, 220, 212}, random);
  paint_veins(canvas, moved(own, -60), 5, 2, random);
}

void forest(cv::Mat& canvas, KeyedRandom& random) {
  const cv::Scalar own = fill_ground(canvas, {22, 62, 36}, random);
  paint_specks(canvas, own, 150, 14, 24, random);
}

void city(cv::Mat& canvas, KeyedRandom& random) {
  constexpr int kStep = 22;
  const cv::Scalar own = fill_ground(canvas, {86, 90, 104}, random);
  const int shift = static_cast<int>(random.below(kStep));
  for (int y = shift - kStep; y < canvas.rows; y += kStep) {
    for (int x = shift - kStep; x < canvas.cols; x += kStep) {
      const bool lit = random.uniform() < 0.4;
      const cv::Scalar colour = lit ? cv::Scalar(214, 204, 150) : moved(own, -36);
      cv::rectangle(canvas, cv::Rect(x, y, 9, 13), colour, cv::FILLED);
    }
  }
}

void lava(cv::Mat& canvas, KeyedRandom& random) {
  fill_ground(canvas, {52, 18, 16}, random);
  paint_veins(canvas, {232, 92, 24}, 7, 4, random);
}

void paper(cv::Mat& canvas, KeyedRandom& random) {
  fill_ground(canvas, {228, 222, 206}, random);
  const double slope = random.uniform(-0.12, 0.12);
  shade(canvas, [&](int x, int /*y*/) { return slope * (x - canvas.cols / 2.0); });
}

void cloth(cv::Mat& canvas, KeyedRandom& random) {
  fill_ground(canvas, {176, 186, 172}, random);
  shade(canvas, [](int x, int y) { return 7 * std::sin(0.9 * x) + 7 * std::sin(0.9 * y); });
}

void slate(cv::Mat& canvas, KeyedRandom& random) {
  const cv::Scalar own = fill_ground(canvas, {74, 82, 88}, random);
  paint_veins(canvas, moved(own, 14), 4, 2, random);
}

}  // namespace mkt::demo::grounds
