#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "controller/cni/core/network_config.hpp"
#include "controller/cni/core/observed.hpp"
#include "controller/cni/core/plan.hpp"
#include "controller/cni/node/network_namespace.hpp"

namespace knm::cni {

// The network of the node: its devices, by `ip`, and its Open vSwitch, by `ovs-vsctl`. Errors: errc::io_failure. Every
// call ends within some seconds.
class Node {
 public:
  // `config` must outlive it.
  explicit Node(const NetworkConfig& config) : config_(config) {}

  // What is there of an attachment of the container in `netns`.
  base::Result<Observed> observe(const Attachment& attachment, const NetworkNamespace& netns) const;
  // Carries out a step of plan().
  base::Result<void> apply(const Step& step, const Attachment& attachment, const NetworkNamespace& netns) const;
  // Waits until ovn-controller has installed the flows of a port, at most `config.time_limit`; errc::try_again.
  base::Result<void> await_flows_of(const std::string& port) const;

  // The ports of the network.
  base::Result<std::vector<Port>> ports() const;
  // Removes ports with their devices, as far as these are there. All of it is tried; the first error is returned.
  base::Result<void> remove(const std::vector<std::string>& devices) const;
  // Whether Open vSwitch answers and has the bridge.
  base::Result<void> check_bridge() const;

 private:
  base::Result<void> observe_inside(const Attachment& attachment, const NetworkNamespace& netns,
                                    Observed& observed) const;
  base::Result<void> make_pair(const Attachment& attachment, const NetworkNamespace& netns) const;
  base::Result<void> unplug(const std::vector<std::string>& ports) const;

  const NetworkConfig& config_;
};

}  // namespace knm::cni
