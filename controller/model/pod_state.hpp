#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/types.hpp"

namespace knm {

// The key of the annotation that a node plugin reads.
inline constexpr std::string_view pod_state_annotation = "opencontrail.org/pod-state";

// The input of the node plugin for a Pod's interface: the value of that annotation.
struct PodState {
  std::string pod_uid;  // of the Pod that it is for: shows that an annotation was copied from another Pod
  contrail::Uuid interface;
  std::string mac;
  std::vector<contrail::IpAddress> addresses;  // the first is the one that a single-stack plugin uses
  contrail::IpAddress gateway;                 // of the first address's subnet
};

// {"uuid", "macAddress", "ipAddress", "gateway", "podUid"}, and "ipAddresses" where there are several.
std::string render(const PodState& state);
// Reads that text as a node plugin does. Unknown members are ignored. An absent `podUid` is empty; the addresses, the
// gateway, the MAC and the uuid must be there. The error says which member is wrong.
base::Result<PodState> parse_pod_state(std::string_view text);

// The default gateway of a subnet in the config API: its last usable address.
contrail::IpAddress gateway_of(const contrail::Cidr& subnet);

}  // namespace knm
