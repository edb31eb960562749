#pragma once
// Records work on a stream of its own as a CUDA graph. Only in builds with CUDA's headers.

#include "mkt/torch.h"

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include <exception>
#include <functional>
#include <map>
#include <mutex>

namespace mkt::nn {

/// Makes `later` wait for the work queued on `earlier` so far.
inline void wait_for(const c10::cuda::CUDAStream& later, const c10::cuda::CUDAStream& earlier) {
  at::cuda::CUDAEvent event;
  event.record(earlier);
  event.block(later);
}

/// Returns the stream that records on `device`: one for all, as libraries keep memory per stream.
inline c10::cuda::CUDAStream recording_stream(c10::DeviceIndex device) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = streams.find(device);
  if (found != streams.end()) return found->second;
  return streams.emplace(device, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device))
      .first->second;
}

/// Records the work that `work` queues on `device` into `graph`; nothing runs yet. It is queued on another
/// stream, as the default one cannot be recorded, and takes its memory from `pool`. It must not wait for the
/// device.
inline void capture(at::cuda::CUDAGraph& graph, c10::DeviceIndex device, at::cuda::MempoolId_t pool,
                    const std::function<void()>& work) {
  const auto current = c10::cuda::getCurrentCUDAStream(device);
  const auto side = recording_stream(device);
  c10::cuda::CUDACachingAllocator::emptyCache();  // a recording cannot use memory that is cached
  wait_for(side, current);
  {
    const c10::cuda::CUDAStreamGuard on_side(side);
    graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {  // end the recording: otherwise this thread could not use the device any more
      try {
        graph.capture_end();
      } catch (const std::exception&) {
        // the first error is the cause
      }
      throw;
    }
    graph.capture_end();
  }
  wait_for(current, side);
}

}  // namespace mkt::nn
