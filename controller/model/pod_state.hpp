#pragma once

#include <string>
#include <vector>

#include "contrail-client/types.hpp"

namespace knm {

// The input of the node plugin for a Pod's interface: the value of the annotation opencontrail.org/pod-state.
struct PodState {
  std::string pod_uid;  // of the Pod that it is for: shows that an annotation was copied from another Pod
  contrail::Uuid interface;
  std::string mac;
  std::vector<contrail::IpAddress> addresses;  // the first is the one that a single-stack plugin uses
  contrail::IpAddress gateway;                 // of the first address's subnet
};

// {"uuid", "macAddress", "ipAddress", "gateway", "podUid"}, and "ipAddresses" where there are several.
std::string render(const PodState& state);

// The default gateway of a subnet in the config API: its last usable address.
contrail::IpAddress gateway_of(const contrail::Cidr& subnet);

}  // namespace knm
