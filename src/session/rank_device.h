#pragma once
// Which GPU a rank computes on.

#include <string>

#include "distributed/topology.h"

namespace mkt::session {

/// The device of this rank if `device` ("auto", "cpu", "cuda", "cuda:1") is requested and `gpus` GPUs are
/// visible: "cuda" and "auto" become the GPU of the local rank, or the only GPU if the launcher shows each
/// rank its own. Anything else, and everything without GPUs, stays as it is. Throws ValueError if several
/// ranks would share one named GPU, c10::Error if there are more ranks than GPUs.
std::string device_of_rank(const std::string& device, const distributed::Topology& topology, int gpus);

}  // namespace mkt::session
