#pragma once
// Parallel loop.

#include <cstdint>
#include <functional>

namespace mkt {

/// Calls body(i) once for each i in [0, size), in unspecified order, on `workers` threads (at most `size`; 0
/// or 1: in the calling thread). The first exception stops the loop and is rethrown to the caller after all
/// threads have ended.
void parallel_for(std::int64_t size, int workers, const std::function<void(std::int64_t)>& body);

}  // namespace mkt
