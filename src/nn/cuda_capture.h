#pragma once
// Records work on a stream of its own as a CUDA graph. Only in builds with CUDA's headers.

#include "mkt/torch.h"

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

#include <functional>

namespace mkt::nn {

/// Makes `later` wait for what `earlier` has been given so far.
inline void wait_for(const c10::cuda::CUDAStream& later, const c10::cuda::CUDAStream& earlier) {
  at::cuda::CUDAEvent event;
  event.record(earlier);
  event.block(later);
}

/// Records what `work` gives to the device into `graph`; nothing runs yet. `work` runs on a side stream, as
/// the default one cannot be recorded, and takes its memory from `pool`. It must not wait for the device.
inline void capture(at::cuda::CUDAGraph& graph, const c10::cuda::CUDAStream& side, at::cuda::MempoolId_t pool,
                    const std::function<void()>& work) {
  const auto current = c10::cuda::getCurrentCUDAStream(side.device_index());
  wait_for(side, current);
  {
    const c10::cuda::CUDAStreamGuard on_side(side);
    graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    work();
    graph.capture_end();
  }
  wait_for(current, side);
}

}  // namespace mkt::nn
