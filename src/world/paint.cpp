#include "world/paint.h"

#include <opencv2/imgproc.hpp>

#include "world/canvas.h"
#include "world/outline.h"

namespace mkt::demo {
namespace {

constexpr int kShift = 4;  // fractional bits in OpenCV's fixed-point coordinates
double brightness(const cv::Scalar& colour) {
  return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
}

/// Returns a darker or lighter shade that contrasts with the colour.
cv::Scalar contrasting(const cv::Scalar& colour) {
  constexpr double kBright = 110;
  if (brightness(colour) > kBright) return colour * 0.45;
  return colour * 0.4 + cv::Scalar(150, 150, 150);
}

std::vector<std::vector<cv::Point>> on_canvas(const std::vector<Contour>& contours) {
  constexpr double kUnit = kScale * (1 << kShift);
  std::vector<std::vector<cv::Point>> result;
  for (const Contour& contour : contours) {
    auto& points = result.emplace_back();
    for (const Point& point : contour)
      points.emplace_back(cvRound(point.x * kUnit), cvRound(point.y * kUnit));
  }
  return result;
}

void fill(cv::Mat& canvas, const cv::Mat& mask, const Bounds& box, const TextureKind& texture,
          const cv::Scalar& colour, KeyedRandom& random) {
  const double angle = random.uniform(0, 3.1416);
  const double shift = random.uniform(0, 12);
  const double sine = std::sin(angle);
  const double cosine = std::cos(angle);
  const cv::Vec3b first = pixel(colour);
  const cv::Vec3b second = pixel(contrasting(colour));
  const int last_row = std::min(canvas.rows, static_cast<int>(kScale * box.bottom) + 2);
  const int last_column = std::min(canvas.cols, static_cast<int>(kScale * box.right) + 2);
  for (int y = std::max(0, static_cast<int>(kScale * box.top) - 1); y < last_row; ++y) {
    for (int x = std::max(0, static_cast<int>(kScale * box.left) - 1); x < last_column; ++x) {
      if (mask.at<uchar>(y, x) == 0) continue;
      const double u = cosine * x + sine * y + shift;
      const double v = cosine * y - sine * x + shift;
      canvas.at<cv::Vec3b>(y, x) = texture.second_shade(u, v) ? second : first;
    }
  }
}

void paint_object(cv::Mat& canvas, const World& own, const Object& object, KeyedRandom& random) {
  const auto contours = on_canvas(outline(own, object));
  cv::Mat mask = cv::Mat::zeros(canvas.size(), CV_8U);
  cv::fillPoly(mask, contours, cv::Scalar(255), cv::LINE_8, kShift);
  const auto& rgb = own.colours.at(object.colour).rgb;
  const cv::Scalar colour = jittered({rgb[0], rgb[1], rgb[2]}, own.clutter.colour_spread, random);
  fill(canvas, mask, bounds(own, object), own.textures.at(object.texture), colour, random);
  cv::polylines(canvas, contours, true, contrasting(colour), 2, cv::LINE_8, kShift);
}

void paint_lines(cv::Mat& canvas, std::uint64_t count, KeyedRandom& random) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const cv::Point from = draw_point(canvas, random);
    const cv::Point to = draw_point(canvas, random);
    cv::line(canvas, from, to, jittered({128, 128, 128}, 110, random), 2);
  }
}

void paint_clutter(cv::Mat& canvas, const Clutter& clutter, KeyedRandom& random) {
  paint_lines(canvas, random.below(clutter.most_lines + 1), random);
  if (clutter.most_specks == 0) return;
  const auto count = static_cast<int>(random.below(clutter.most_specks + 1));
  paint_specks(canvas, {128, 128, 128}, count, 5, 110, random);
}

/// Adds approximately normal noise: each value is the sum of four random bytes.
void add_noise(cv::Mat& image, double most, KeyedRandom& random) {
  constexpr double kMean = 4 * 127.5;
  constexpr double kDeviation = 147.8;
  const double strength = random.uniform(0, most) / kDeviation;
  std::uint64_t bits = 0;
  int values_left = 0;
  for (int y = 0; y < image.rows; ++y) {
    auto* row = image.ptr<uchar>(y);
    for (int i = 0; i < 3 * image.cols; ++i) {
      if (values_left == 0) bits = random.bits();
      values_left = values_left == 0 ? 1 : 0;
      double sum = -kMean;
      for (int byte = 0; byte < 4; ++byte, bits >>= 8) sum += static_cast<double>(bits & 0xFF);
      row[i] = cv::saturate_cast<uchar>(row[i] + strength * sum);
    }
  }
}

}  // namespace

torch::Tensor paint(const Scene& scene, KeyedRandom random) {
  const World& own = world(scene.world);
  cv::Mat canvas(kScale * kImageSize, kScale * kImageSize, CV_8UC3);
  own.backgrounds.at(scene.background).paint(canvas, random);
  paint_clutter(canvas, own.clutter, random);
  for (const Object& object : scene.objects) paint_object(canvas, own, object, random);
  torch::Tensor result = torch::empty({kImageSize, kImageSize, 3}, torch::kUInt8);  // (H, W, 3)
  cv::Mat image(kImageSize, kImageSize, CV_8UC3, result.data_ptr());
  cv::resize(canvas, image, image.size(), 0, 0, cv::INTER_AREA);
  add_noise(image, own.clutter.most_noise, random);
  return result;
}

}  // namespace mkt::demo
