#pragma once
// c10d's process groups, made without their headers being seen: each needs headers that LibTorch lacks.

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "distributed/topology.h"

namespace mkt::distributed {

using StorePtr = c10::intrusive_ptr<c10d::Store>;
using BackendPtr = c10::intrusive_ptr<c10d::Backend>;

/// Connects to every other rank. On one node over the loopback device; otherwise over the interfaces of
/// GLOO_SOCKET_IFNAME (comma-separated) or the one that this host's name resolves to.
BackendPtr make_gloo(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

/// Connects at the first collective. Throws c10::Error in a build without NCCL.
BackendPtr make_nccl(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout);

}  // namespace mkt::distributed
