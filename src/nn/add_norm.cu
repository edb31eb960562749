// Adds a residual branch and normalises the sum, in one pass over memory. add_norm.cpp compiles it while the program
// runs, for one WIDTH (a multiple of 128) and for bf16 (BF16 defined) or fp16; NVRTC has no headers of half types.

constexpr int kLanes = 32;
constexpr int kVectors = WIDTH / (4 * kLanes);  // float4s of a row per lane

__device__ float to_float(unsigned short half) {
#ifdef BF16
  return __uint_as_float(static_cast<unsigned>(half) << 16);
#else
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
  return value;
#endif
}

__device__ unsigned short to_half(float value) {
#ifdef BF16
  if (value != value) return 0x7fff;
  const unsigned bits = __float_as_uint(value);
  return static_cast<unsigned short>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);  // to nearest, halves to even
#else
  unsigned short half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
  return half;
#endif
}

__device__ float sum_of_warp(float value) {
  for (int apart = kLanes / 2; apart > 0; apart /= 2) value += __shfl_xor_sync(0xffffffff, value, apart);
  return value;
}

// rows (count, WIDTH) += branch (count, WIDTH), unless branch is null; output = layer norm of rows. A warp per row.
extern "C" __global__ void add_norm(float* rows, const unsigned short* branch, const float* weight, const float* bias,
                                    unsigned short* output, int count, float epsilon) {
  const int row = blockIdx.x * (blockDim.x / kLanes) + threadIdx.x / kLanes;
  if (row >= count) return;
  const int lane = threadIdx.x % kLanes;
  const size_t first = static_cast<size_t>(row) * WIDTH;
  float4* own = reinterpret_cast<float4*>(rows + first);
  float4 x[kVectors];
  float sum = 0;
#pragma unroll
  for (int v = 0; v < kVectors; ++v) {
    const int at = v * kLanes + lane;
    x[v] = own[at];
    if (branch != nullptr) {
      const ushort4 added = reinterpret_cast<const ushort4*>(branch + first)[at];
      x[v].x += to_float(added.x);
      x[v].y += to_float(added.y);
      x[v].z += to_float(added.z);
      x[v].w += to_float(added.w);
      own[at] = x[v];
    }
    sum += x[v].x + x[v].y + x[v].z + x[v].w;
  }
  const float mean = sum_of_warp(sum) / WIDTH;
  float squares = 0;
#pragma unroll
  for (int v = 0; v < kVectors; ++v) {
    x[v].x -= mean;
    x[v].y -= mean;
    x[v].z -= mean;
    x[v].w -= mean;
    squares += x[v].x * x[v].x + x[v].y * x[v].y + x[v].z * x[v].z + x[v].w * x[v].w;
  }
  const float scale = rsqrtf(sum_of_warp(squares) / WIDTH + epsilon);
#pragma unroll
  for (int v = 0; v < kVectors; ++v) {
    const int at = v * kLanes + lane;
    const float4 w = reinterpret_cast<const float4*>(weight)[at];
    const float4 b = reinterpret_cast<const float4*>(bias)[at];
    ushort4 result;
    result.x = to_half(x[v].x * scale * w.x + b.x);
    result.y = to_half(x[v].y * scale * w.y + b.y);
    result.z = to_half(x[v].z * scale * w.z + b.z);
    result.w = to_half(x[v].w * scale * w.w + b.w);
    reinterpret_cast<ushort4*>(output + first)[at] = result;
  }
}
