#include <opencv2/imgproc.hpp>

#include "demo/canvas.h"
#include "demo/world.h"

namespace mkt::demo {
namespace {

void strokes(cv::Mat& canvas, const cv::Scalar& colour, KeyedRandom& random) {
  constexpr int kStrokes = 140;
  for (int i = 0; i < kStrokes; ++i) {
    const cv::Point foot = draw_point(canvas, random);
    const cv::Point tip(foot.x + static_cast<int>(random.uniform(-5, 5)),
                        foot.y - static_cast<int>(random.uniform(9, 18)));
    cv::line(canvas, foot, tip, moved(colour, random.uniform(-28, 28)), 2);
  }
}

void specks(cv::Mat& canvas, const cv::Scalar& colour, int count, double largest, double spread,
            KeyedRandom& random) {
  for (int i = 0; i < count; ++i) {
    const cv::Point at = draw_point(canvas, random);
    const auto radius = static_cast<int>(random.uniform(1, largest));
    cv::circle(canvas, at, radius, moved(colour, random.uniform(-spread, spread)), cv::FILLED);
  }
}

void clouds(cv::Mat& canvas, KeyedRandom& random) {
  constexpr int kClouds = 3;
  constexpr int kPuffs = 4;
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

void bricks(cv::Mat& canvas, const cv::Scalar& colour, KeyedRandom& random) {
  constexpr int kHeight = 20;
  constexpr int kWidth = 42;
  constexpr int kMortar = 3;
  const int shift_x = static_cast<int>(random.below(kWidth));
  const int shift_y = static_cast<int>(random.below(kHeight));
  for (int row = 0; row * kHeight - shift_y < canvas.rows; ++row) {
    for (int x = -shift_x - (row % 2) * kWidth / 2; x < canvas.cols; x += kWidth) {
      const cv::Rect brick(x, row * kHeight - shift_y, kWidth - kMortar, kHeight - kMortar);
      cv::rectangle(canvas, brick, moved(colour, random.uniform(-16, 16)), cv::FILLED);
    }
  }
}

/// Paints a sky that gets lighter towards the bottom.
void sky(cv::Mat& canvas, const cv::Scalar& colour) {
  constexpr double kLighter = 0.15;  // added to each channel per row
  for (int y = 0; y < canvas.rows; ++y) canvas.row(y).setTo(moved(colour, kLighter * y));
}

}  // namespace

void paint_background(cv::Mat& canvas, std::size_t background, KeyedRandom& random) {
  const std::string name = kBackgrounds.at(background);
  const auto ground = [&](const cv::Scalar& colour) {
    cv::Scalar own = jittered(colour, 12, random);
    canvas.setTo(own);
    return own;
  };
  if (name == "grass") strokes(canvas, ground({62, 122, 48}), random);
  if (name == "sand") specks(canvas, ground({212, 188, 140}), 420, 3, 24, random);
  if (name == "night") {
    ground({20, 22, 54});
    specks(canvas, {215, 215, 225}, 24, 3, 30, random);
  }
  if (name == "sky") {
    sky(canvas, ground({116, 170, 222}));
    clouds(canvas, random);
  }
  if (name == "brick") {
    ground({186, 176, 166});
    bricks(canvas, jittered({156, 78, 60}, 12, random), random);
  }
  if (name == "snow") {
    const cv::Scalar own = ground({234, 239, 245});
    specks(canvas, moved(own, -26), 110, 5, 10, random);
  }
}

}  // namespace mkt::demo
