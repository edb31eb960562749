#pragma once
// A loop over several threads.

#include <cstdint>
#include <functional>

namespace mkt {

/// Calls body(i) once for each i in [0, size), in no fixed order, on `workers` threads (at most `size`; with
/// 0 or 1, in this thread). The first exception stops the loop and is rethrown here after all threads have
/// ended.
void parallel_for(std::int64_t size, int workers, const std::function<void(std::int64_t)>& body);

}  // namespace mkt
