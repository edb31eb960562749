#pragma once
// Memory usage of this process.

namespace mkt {

/// Returns the peak resident memory of this process so far, in MiB. Throws c10::Error if the system does not
/// report it.
double peak_memory_mib();

}  // namespace mkt
