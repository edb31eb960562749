#include "image/passes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#define MKT_AVX2 __attribute__((target("avx2")))
#endif

// Computes sums of bytes with integer weights, rounded to bytes, as the uint8 kernels of ATen and Pillow do.
namespace mkt::image {
namespace {

std::uint8_t rounded(int sum, int precision) {
  return static_cast<std::uint8_t>(std::clamp(sum >> precision, 0, 255));
}

int half_of(const Taps& taps) {
  return (1 << taps.precision) / 2;
}

void across_row(const std::uint8_t* row, std::int64_t left, const Taps& taps, std::uint8_t* out) {
  for (std::size_t x = 0; x < taps.first.size(); ++x, out += 3) {
    const std::uint8_t* in = row + 3 * (taps.first[x] - left);
    std::array<int, 3> sum{};
    sum.fill(half_of(taps));
    for (std::int64_t k = 0; k < taps.counts[x]; ++k) {
      for (std::size_t c = 0; c < 3; ++c) sum[c] += taps.weights_of(x)[k] * *in++;
    }
    for (std::size_t c = 0; c < 3; ++c) out[c] = rounded(sum[c], taps.precision);
  }
}

void down_row(const std::uint8_t* in, std::size_t stride, const Taps& taps, std::size_t y, std::size_t begin,
              std::size_t bytes, std::uint8_t* out) {
  for (std::size_t i = begin; i < bytes; ++i) {
    int sum = half_of(taps);
    for (std::int64_t k = 0; k < taps.counts[y]; ++k) {
      sum += taps.weights_of(y)[k] * in[static_cast<std::size_t>(k) * stride + i];
    }
    out[i] = rounded(sum, taps.precision);
  }
}

#if defined(__x86_64__)

// Loads four pixels as 16-bit integers, in the pairs that _mm256_madd_epi16 adds: r0 r1 g0 g1 b0 b1 0 0, then
// the same for pixels 2 and 3.
MKT_AVX2 __m256i pixel_pairs(const std::uint8_t* in) {
  const __m128i order = _mm_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 6, 9, 7, 10, 8, 11, -1, -1);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  return _mm256_cvtepu8_epi16(_mm_shuffle_epi8(bytes, order));
}

MKT_AVX2 __m128i both_halves(__m256i sums) {
  return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

// Processes two rows together. Reads 16 bytes per row for every group of four weights.
MKT_AVX2 void across_two_avx2(const std::uint8_t* row, const std::uint8_t* next, std::int64_t left,
                              const Taps& taps, std::uint8_t* out, std::uint8_t* next_out) {
  const __m256i half = _mm256_setr_epi32(half_of(taps), half_of(taps), half_of(taps), 0, 0, 0, 0, 0);
  const __m256i spread = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  const __m128i shift = _mm_cvtsi32_si128(taps.precision);
  for (std::size_t x = 0; x < taps.first.size(); ++x) {
    const std::int64_t offset = 3 * (taps.first[x] - left);
    const std::int16_t* weights = taps.weights_of(x);
    __m256i sum = half;
    __m256i next_sum = half;
    for (std::size_t k = 0; k < taps.stride; k += 4) {
      const std::int64_t at = offset + 3 * static_cast<std::int64_t>(k);
      const __m128i four = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights + k));
      const __m256i weight = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four), spread);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pixel_pairs(row + at), weight));
      next_sum = _mm256_add_epi32(next_sum, _mm256_madd_epi16(pixel_pairs(next + at), weight));
    }
    const __m128i words =
        _mm_packs_epi32(_mm_sra_epi32(both_halves(sum), shift), _mm_sra_epi32(both_halves(next_sum), shift));
    const __m128i bytes = _mm_packus_epi16(words, words);
    const int pixel = _mm_cvtsi128_si32(bytes);
    const int next_pixel = _mm_extract_epi32(bytes, 1);
    std::memcpy(out + 3 * x, &pixel, sizeof(pixel));
    std::memcpy(next_out + 3 * x, &next_pixel, sizeof(next_pixel));
  }
}

MKT_AVX2 void across_avx2(const Rows& in, std::int64_t left, const Taps& taps, std::uint8_t* out) {
  const std::size_t stride = padded_bytes(taps.first.size());
  const std::size_t reach =
      3 * (in.width + taps.stride) + 4;  // maximum number of bytes read from the start of a row
  const std::size_t whole = in.count == 0 ? 0 : (in.count - 1) * in.stride + 3 * in.width;
  std::vector<std::uint8_t> copies;
  for (std::size_t y = 0; y < in.count; y += 2) {
    const std::size_t last = std::min(y + 1, in.count - 1);
    const std::uint8_t* row = in.pixels + y * in.stride;
    const std::uint8_t* next = in.pixels + last * in.stride;
    if (last * in.stride + reach > whole) {
      copies.assign(2 * reach, 0);
      std::memcpy(copies.data(), row, 3 * in.width);
      std::memcpy(copies.data() + reach, next, 3 * in.width);
      row = copies.data();
      next = row + reach;
    }
    across_two_avx2(row, next, left, taps, out + y * stride, out + last * stride);
  }
}

struct Sums {
  __m256i part[4];
};

// Multiplies 32 bytes of each row by the row's weight and adds the products to `sums`. `pair` contains both
// weights side by side.
MKT_AVX2 inline void add_products(Sums& sums, __m256i row, __m256i next, __m256i pair) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i low = _mm256_unpacklo_epi8(row, next);
  const __m256i high = _mm256_unpackhi_epi8(row, next);
  sums.part[0] = _mm256_add_epi32(sums.part[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), pair));
  sums.part[1] = _mm256_add_epi32(sums.part[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), pair));
  sums.part[2] = _mm256_add_epi32(sums.part[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), pair));
  sums.part[3] = _mm256_add_epi32(sums.part[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), pair));
}

MKT_AVX2 inline __m256i load(const std::uint8_t* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

// Computes output row y in complete blocks of 32 bytes; returns the number of bytes computed.
MKT_AVX2 std::size_t down_row_avx2(const std::uint8_t* in, std::size_t stride, const Taps& taps,
                                   std::size_t y, std::size_t bytes, std::uint8_t* out) {
  const __m256i half = _mm256_set1_epi32(half_of(taps));
  const __m128i shift = _mm_cvtsi32_si128(taps.precision);
  const auto count = static_cast<std::size_t>(taps.counts[y]);
  std::size_t i = 0;
  for (; i + 32 <= bytes; i += 32) {
    Sums sums = {{half, half, half, half}};
    for (std::size_t k = 0; k < count; k += 2) {
      int pair = 0;
      std::memcpy(&pair, taps.weights_of(y) + k, sizeof(pair));
      const std::uint8_t* row = in + k * stride + i;
      // If `count` is odd, the last pair has no second row and the weight for it is 0.
      add_products(sums, load(row), load(k + 1 < count ? row + stride : row), _mm256_set1_epi32(pair));
    }
    for (__m256i& part : sums.part) part = _mm256_sra_epi32(part, shift);
    const __m256i low = _mm256_packs_epi32(sums.part[0], sums.part[1]);
    const __m256i high = _mm256_packs_epi32(sums.part[2], sums.part[3]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm256_packus_epi16(low, high));
  }
  return i;
}

MKT_AVX2 inline __m128i load_half(const std::uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// Returns the shuffle order for one third of 48 bytes (16 pixels): it moves the bytes of channel c to their
// positions in the plane and sets all others to 0.
MKT_AVX2 __m128i channel_order(int third, int c) {
  alignas(16) std::array<std::int8_t, 16> order = {};
  for (int pixel = 0; pixel < 16; ++pixel) {
    const int at = 3 * pixel + c - 16 * third;
    order[static_cast<std::size_t>(pixel)] = static_cast<std::int8_t>(at >= 0 && at < 16 ? at : -1);
  }
  return _mm_load_si128(reinterpret_cast<const __m128i*>(order.data()));
}

// Splits complete blocks of 16 pixels; returns the number of pixels split.
MKT_AVX2 std::size_t split_avx2(const std::uint8_t* pixels, std::size_t count, std::uint8_t* planes) {
  const std::size_t whole = count / 16 * 16;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto channel = static_cast<int>(c);
    const __m128i orders[3] = {channel_order(0, channel), channel_order(1, channel),
                               channel_order(2, channel)};
    for (std::size_t i = 0; i < whole; i += 16) {
      const std::uint8_t* block = pixels + 3 * i;
      const __m128i bytes = _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(load_half(block), orders[0]),
                                                      _mm_shuffle_epi8(load_half(block + 16), orders[1])),
                                         _mm_shuffle_epi8(load_half(block + 32), orders[2]));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(planes + c * count + i), bytes);
    }
  }
  return whole;
}

#endif

}  // namespace

bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

void across(const Rows& in, std::int64_t left, const Taps& taps, std::uint8_t* out, Kernel kernel) {
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx2) return across_avx2(in, left, taps, out);
#endif
  const std::size_t stride = padded_bytes(taps.first.size());
  for (std::size_t y = 0; y < in.count; ++y) {
    across_row(in.pixels + y * in.stride, left, taps, out + y * stride);
  }
}

void down(const Rows& in, std::int64_t top, const Taps& taps, std::uint8_t* out, Kernel kernel) {
  const std::size_t bytes = 3 * in.width;
  for (std::size_t y = 0; y < taps.first.size(); ++y, out += bytes) {
    const std::uint8_t* first = in.pixels + static_cast<std::size_t>(taps.first[y] - top) * in.stride;
    std::size_t done = 0;
#if defined(__x86_64__)
    if (kernel == Kernel::kAvx2) done = down_row_avx2(first, in.stride, taps, y, bytes, out);
#endif
    down_row(first, in.stride, taps, y, done, bytes, out);
  }
}

void split(const std::uint8_t* pixels, std::size_t count, std::uint8_t* planes, Kernel kernel) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx2) done = split_avx2(pixels, count, planes);
#endif
  for (std::size_t i = done; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) planes[c * count + i] = pixels[3 * i + c];
  }
}

}  // namespace mkt::image
