#pragma once
// A loop shared by threads.

#include <cstdint>
#include <functional>

namespace mkt {

/// Calls body(i) for each i in [0, size), on `workers` threads (at most size; 0 or 1: in this thread), in no
/// fixed order. The first exception stops the loop and is thrown here once all threads have ended.
void parallel_for(std::int64_t size, int workers, const std::function<void(std::int64_t)>& body);

}  // namespace mkt
