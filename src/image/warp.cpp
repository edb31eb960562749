#include "image/warp.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define MKT_AVX2 __attribute__((target("avx2")))
#endif

namespace mkt::image {
namespace {

using Weights = std::array<float, 4>;
using Matrix = std::array<double, 6>;
using Colour = std::array<std::uint8_t, 3>;

// Evaluates Keys's cubic convolution kernel with a = -1 at the distances 1 + d, d, 1 - d and 2 - d.
Weights cubic_weights(double distance) {
  const auto d = static_cast<float>(distance);
  const float d2 = d * d;
  const float d3 = d2 * d;
  return {-d + 2 * d2 - d3, 1 - 2 * d2 + d3, d + d2 - d3, d3 - d2};
}

std::uint8_t to_byte(float value) {
  if (value <= 0.0F) return 0;
  return value >= 255.0F ? 255 : static_cast<std::uint8_t>(value);
}

// Writes the interpolated pixel at (x, y). Pixel centres have half-integer coordinates; edge pixels are
// repeated.
void sample(const Pixels& source, double x, double y, std::uint8_t* out) {
  const double left = std::floor(x - 0.5);
  const double top = std::floor(y - 0.5);
  const Weights across = cubic_weights(x - 0.5 - left);
  const Weights down = cubic_weights(y - 0.5 - top);
  std::array<std::int64_t, 4> columns = {};
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t column = static_cast<std::int64_t>(left) - 1 + k;
    columns[static_cast<std::size_t>(k)] = 3 * std::clamp<std::int64_t>(column, 0, source.width - 1);
  }
  std::array<float, 3> sum = {};
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t line =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(top) - 1 + k, 0, source.height - 1);
    const std::uint8_t* row = source.bytes + 3 * source.width * line;
    std::array<float, 3> part = {};
    for (std::size_t j = 0; j < 4; ++j) {
      const std::uint8_t* pixel = row + columns[j];
      for (std::size_t c = 0; c < 3; ++c) part[c] += across[j] * static_cast<float>(pixel[c]);
    }
    for (std::size_t c = 0; c < 3; ++c) sum[c] += down[static_cast<std::size_t>(k)] * part[c];
  }
  for (std::size_t c = 0; c < 3; ++c) out[c] = to_byte(sum[c]);
}

/// Maps the output pixels in one row to input coordinates.
struct Line {
  double x(std::int64_t column) const {
    return matrix[0] * (static_cast<double>(column) + 0.5) + matrix[1] * y_out + matrix[2];
  }
  double y(std::int64_t column) const {
    return matrix[3] * (static_cast<double>(column) + 0.5) + matrix[4] * y_out + matrix[5];
  }

  const Matrix& matrix;
  double y_out;
};

void warp_line(const Pixels& source, const Line& line, const Colour& fill, std::uint8_t* out) {
  for (std::int64_t column = 0; column < source.width; ++column, out += 3) {
    const double x = line.x(column);
    const double y = line.y(column);
    const bool inside =
        x >= 0 && y >= 0 && x < static_cast<double>(source.width) && y < static_cast<double>(source.height);
    if (inside) {
      sample(source, x, y, out);
    } else {
      std::copy(fill.begin(), fill.end(), out);
    }
  }
}

#if defined(__x86_64__)

// Computes cubic_weights() with AVX2. Sums are in the same order, so the results are identical.
MKT_AVX2 inline __m128 cubic_weights_avx2(float distance) {
  const float square = distance * distance;
  const __m128 d = _mm_set1_ps(distance);
  const __m128 d2 = _mm_mul_ps(_mm_set1_ps(square), _mm_setr_ps(2, -2, 1, -1));
  const __m128 d3 = _mm_mul_ps(_mm_set1_ps(square * distance), _mm_setr_ps(-1, 1, -1, 1));
  const __m128 first = _mm_add_ps(_mm_mul_ps(d, _mm_setr_ps(-1, 0, 1, 0)), _mm_setr_ps(0, 1, 0, 0));
  return _mm_add_ps(_mm_add_ps(first, d2), d3);
}

// Loads a pixel's three channels and the byte after them.
MKT_AVX2 inline __m128 load_pixel(const std::uint8_t* pixel) {
  int bytes = 0;
  std::memcpy(&bytes, pixel, sizeof(bytes));
  return _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes)));
}

MKT_AVX2 inline void store_pixel(__m128 values, std::uint8_t* out) {
  const __m128 bound = _mm_min_ps(_mm_max_ps(values, _mm_setzero_ps()), _mm_set1_ps(255));
  const __m128i order = _mm_setr_epi8(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const int bytes = _mm_cvtsi128_si32(_mm_shuffle_epi8(_mm_cvttps_epi32(bound), order));
  std::memcpy(out, &bytes, 3);
}

template <int kIndex>
MKT_AVX2 inline __m128 same(__m128 weights) {
  return _mm_permute_ps(weights, kIndex * 0x55);
}

// Extracts pixel kIndex from each half of `bytes`.
template <int kIndex>
MKT_AVX2 inline __m256 pixel_of(__m256i bytes) {
  constexpr char kAt = 3 * kIndex;
  const __m256i order =
      _mm256_setr_epi8(kAt, -1, -1, -1, kAt + 1, -1, -1, -1, kAt + 2, -1, -1, -1, -1, -1, -1, -1, kAt, -1, -1,
                       -1, kAt + 1, -1, -1, -1, kAt + 2, -1, -1, -1, -1, -1, -1, -1);
  return _mm256_cvtepi32_ps(_mm256_shuffle_epi8(bytes, order));
}

// Computes the weighted sum of four pixels in each of two rows.
MKT_AVX2 inline __m256 two_rows(const std::uint8_t* row, const std::uint8_t* next, __m128 across) {
  const __m256i bytes =
      _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(next), reinterpret_cast<const __m128i*>(row));
  const __m256 weights = _mm256_set_m128(across, across);
  __m256 sum = _mm256_mul_ps(_mm256_permute_ps(weights, 0x00), pixel_of<0>(bytes));
  sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_permute_ps(weights, 0x55), pixel_of<1>(bytes)));
  sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_permute_ps(weights, 0xAA), pixel_of<2>(bytes)));
  return _mm256_add_ps(sum, _mm256_mul_ps(_mm256_permute_ps(weights, 0xFF), pixel_of<3>(bytes)));
}

// Interpolates at the fractional offset (x, y). `pixel` is the first pixel with a non-zero weight: if an
// offset is 0, the other pixels along its axis have weight 0 and are not read.
MKT_AVX2 inline __m128 sample_avx2(const std::uint8_t* pixel, std::int64_t stride, float x, float y) {
  if (x == 0 && y == 0) return load_pixel(pixel);
  const __m128 across = cubic_weights_avx2(x);
  if (y == 0) return _mm256_castps256_ps128(two_rows(pixel, pixel, across));
  const __m128 down = cubic_weights_avx2(y);
  if (x == 0) {
    __m128 sum = _mm_mul_ps(same<0>(down), load_pixel(pixel));
    sum = _mm_add_ps(sum, _mm_mul_ps(same<1>(down), load_pixel(pixel + stride)));
    sum = _mm_add_ps(sum, _mm_mul_ps(same<2>(down), load_pixel(pixel + 2 * stride)));
    return _mm_add_ps(sum, _mm_mul_ps(same<3>(down), load_pixel(pixel + 3 * stride)));
  }
  const __m256 upper =
      _mm256_mul_ps(two_rows(pixel, pixel + stride, across), _mm256_set_m128(same<1>(down), same<0>(down)));
  const __m256 lower = _mm256_mul_ps(two_rows(pixel + 2 * stride, pixel + 3 * stride, across),
                                     _mm256_set_m128(same<3>(down), same<2>(down)));
  const __m128 sum = _mm_add_ps(_mm_add_ps(_mm256_castps256_ps128(upper), _mm256_extractf128_ps(upper, 1)),
                                _mm256_castps256_ps128(lower));
  return _mm_add_ps(sum, _mm256_extractf128_ps(lower, 1));
}

/// Writes the output pixel in `column`: samples the input at `place` (x, y), which must be inside the image.
MKT_AVX2 inline void warp_pixel_avx2(const Pixels& source, const Line& line, int column, __m128d place,
                                     std::uint8_t* out) {
  const __m128d at = _mm_sub_pd(place, _mm_set1_pd(0.5));
  const __m128d base = _mm_floor_pd(at);
  const __m128 distance = _mm_cvtpd_ps(_mm_sub_pd(at, base));
  const __m128i whole = _mm_cvttpd_epi32(base);
  const float right = _mm_cvtss_f32(distance);
  const float below = _mm_cvtss_f32(_mm_movehdup_ps(distance));
  const int first = _mm_cvtsi128_si32(whole) - (right == 0 ? 0 : 1);
  const int top = _mm_extract_epi32(whole, 1) - (below == 0 ? 0 : 1);
  const int rows = below == 0 ? 1 : 4;
  const std::int64_t stride = 3 * source.width;
  // sample_avx2 reads 16 bytes per row.
  if (first >= 0 && first + 6 <= source.width && top >= 0 && top + rows <= source.height) {
    store_pixel(sample_avx2(source.bytes + stride * top + std::int64_t{3} * first, stride, right, below),
                out);
  } else {
    sample(source, line.x(column), line.y(column), out);
  }
}

MKT_AVX2 void warp_line_avx2(const Pixels& given, const Line& line, const Colour& fill, std::uint8_t* out) {
  const __m128d across = _mm_setr_pd(line.matrix[0], line.matrix[3]);
  const __m128d down = _mm_mul_pd(_mm_setr_pd(line.matrix[1], line.matrix[4]), _mm_set1_pd(line.y_out));
  const __m128d offset = _mm_setr_pd(line.matrix[2], line.matrix[5]);
  const Pixels source = given;  // local copies: the compiler then knows that `out` does not alias them
  const Colour colour = fill;
  const auto width = static_cast<int>(source.width);
  const __m128d size = _mm_setr_pd(width, static_cast<double>(source.height));
  for (int column = 0; column < width; ++column, out += 3) {
    const __m128d along = _mm_mul_pd(across, _mm_set1_pd(column + 0.5));
    const __m128d place = _mm_add_pd(_mm_add_pd(along, down), offset);
    const __m128d inside = _mm_and_pd(_mm_cmpge_pd(place, _mm_setzero_pd()), _mm_cmplt_pd(place, size));
    if (_mm_movemask_pd(inside) != 3) {
      std::memcpy(out, colour.data(), 3);
    } else {
      warp_pixel_avx2(source, line, column, place, out);
    }
  }
}

#endif

}  // namespace

void warp(const Pixels& source, const Matrix& matrix, const Colour& fill, std::uint8_t* out, Kernel kernel) {
  for (std::int64_t row = 0; row < source.height; ++row, out += 3 * source.width) {
    const Line line{matrix, static_cast<double>(row) + 0.5};
#if defined(__x86_64__)
    if (kernel == Kernel::kAvx2) {
      warp_line_avx2(source, line, fill, out);
      continue;
    }
#endif
    warp_line(source, line, fill, out);
  }
}

}  // namespace mkt::image
