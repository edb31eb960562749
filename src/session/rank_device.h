#pragma once
// Chooses the device of a rank.

#include <string>

#include "distributed/topology.h"

namespace mkt::session {

/// Returns this rank's device. `device` is the requested one ("auto", "cpu", "cuda" or "cuda:1"), `gpus` the
/// number of visible GPUs. "cuda" and "auto" become the GPU with the local rank's index, or the only GPU if
/// the launcher makes a different one visible to each rank. Any other `device` is returned unchanged, and so
/// is every `device` if there are no GPUs. Throws ValueError if several ranks would share one GPU requested
/// by index, c10::Error if there are more ranks than GPUs.
std::string device_of_rank(const std::string& device, const distributed::Topology& topology, int gpus);

}  // namespace mkt::session
