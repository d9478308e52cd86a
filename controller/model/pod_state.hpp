#pragma once

#include <string>
#include <vector>

#include "contrail-client/types.hpp"

namespace knm {

// What a node's plugin plugs a Pod's interface from: the value of the annotation opencontrail.org/pod-state.
struct PodState {
  std::string pod_uid;  // of the Pod that it is for: a copy of it on another Pod can be told
  contrail::Uuid interface;
  std::string mac;
  std::vector<contrail::IpAddress> addresses;  // first the one that a single-stack plugin uses
  contrail::IpAddress gateway;                 // of the first address's subnet
};

// {"uuid", "macAddress", "ipAddress", "gateway", "podUid"}, and "ipAddresses" where there are several.
std::string render(const PodState& state);

// The gateway that the config API gives a subnet unless told otherwise: its last usable address.
contrail::IpAddress gateway_of(const contrail::Cidr& subnet);

}  // namespace knm
