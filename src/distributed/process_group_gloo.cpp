// The only source file that includes Gloo's headers, which come from the system, not from LibTorch.
#define USE_C10D_GLOO

#include <cstdlib>
#include <sstream>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "distributed/process_group.h"

namespace mkt::distributed {
namespace {

using Gloo = c10d::ProcessGroupGloo;
using Device = std::shared_ptr<::gloo::transport::Device>;

std::vector<Device> devices(const Topology& topology) {
  const char* interfaces = std::getenv("GLOO_SOCKET_IFNAME");
  if (interfaces != nullptr && *interfaces != '\0') {
    std::vector<Device> made;
    std::istringstream names(interfaces);
    for (std::string name; std::getline(names, name, ',');)
      made.push_back(Gloo::createDeviceForInterface(name));
    return made;
  }
  if (topology.one_node()) return {Gloo::createDeviceForHostname("127.0.0.1")};
  return {Gloo::createDefaultDevice()};
}

}  // namespace

BackendPtr make_gloo(const StorePtr& store, const Topology& topology, std::chrono::milliseconds timeout) {
  auto options = Gloo::Options::create(timeout);
  options->devices = devices(topology);
  return c10::make_intrusive<Gloo>(store, topology.rank, topology.size, options);
}

}  // namespace mkt::distributed
