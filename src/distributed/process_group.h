#pragma once
// Creates c10d's process groups. Callers do not include c10d's backend headers, because these need headers
// that LibTorch does not provide.

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "distributed/topology.h"

namespace mkt::distributed {

using StorePtr = c10::intrusive_ptr<c10d::Store>;
using BackendPtr = c10::intrusive_ptr<c10d::Backend>;

/// Connects to every other rank over the interfaces in GLOO_SOCKET_IFNAME (comma-separated) if it is set.
/// Otherwise it uses the loopback device on a single node, and on several nodes the interface to which this
/// host's name resolves.
BackendPtr make_gloo(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

/// Connects to the other ranks at the first collective. Throws c10::Error in a build without NCCL.
BackendPtr make_nccl(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

}  // namespace mkt::distributed
