#pragma once
// What this process has taken of the machine.

namespace mkt {

/// The most main memory that this process has held at once, in MiB. Throws c10::Error where the system does
/// not tell.
double peak_memory_mib();

}  // namespace mkt
