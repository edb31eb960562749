#pragma once
// Memory use of this process.

namespace mkt {

/// The largest amount of main memory that this process has held so far, in MiB. Throws c10::Error if the
/// system does not report it.
double peak_memory_mib();

}  // namespace mkt
