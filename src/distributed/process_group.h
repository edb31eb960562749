#pragma once
// Creates c10d's process groups. Their own headers are hidden, because they need headers that LibTorch does
// not include.

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "distributed/topology.h"

namespace mkt::distributed {

using StorePtr = c10::intrusive_ptr<c10d::Store>;
using BackendPtr = c10::intrusive_ptr<c10d::Backend>;

/// Connects to every other rank: over the interfaces in GLOO_SOCKET_IFNAME (comma-separated) if it is set;
/// otherwise over the loopback device on one node, or the interface that this host's name resolves to on
/// several.
BackendPtr make_gloo(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

/// Connects to the other ranks at the first collective. Throws c10::Error in a build without NCCL.
BackendPtr make_nccl(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

}  // namespace mkt::distributed
