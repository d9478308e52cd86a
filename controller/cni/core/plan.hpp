#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "controller/cni/core/attachment.hpp"
#include "controller/cni/core/observed.hpp"

namespace knm::cni {

// The keys of a port's external_ids. OVN binds an interface by `iface-id`
// (https://docs.openvswitch.org/en/latest/topics/integration/); the others tell what the port is for.
inline constexpr const char* id_interface = "iface-id";
inline constexpr const char* id_mac = "attached-mac";
inline constexpr const char* id_network = "contrail-cni-network";
inline constexpr const char* id_container = "contrail-cni-container";
inline constexpr const char* id_ifname = "contrail-cni-ifname";
inline constexpr const char* id_pod = "contrail-cni-pod";  // "ns/name"
inline constexpr const char* id_pod_uid = "contrail-cni-pod-uid";

// What ADD does, in this order.
struct Unplug {
  std::string port;  // removed from whichever bridge has it
  friend bool operator==(const Unplug&, const Unplug&) = default;
};
struct RemoveDevice {
  std::string name;  // on the node; the other end of the pair goes with it
  friend bool operator==(const RemoveDevice&, const RemoveDevice&) = default;
};
struct MakePair {  // both ends, complete: MAC, addresses, routes
  friend bool operator==(const MakePair&, const MakePair&) = default;
};
struct Plug {  // makes the port, or writes its external_ids anew
  friend bool operator==(const Plug&, const Plug&) = default;
};
using Step = std::variant<Unplug, RemoveDevice, MakePair, Plug>;

// The external_ids of the attachment's port.
std::map<std::string, std::string> external_ids(const Attachment& attachment);

// What is wrong with an attachment, a sentence each; empty: all of it is there. Further addresses and routes are no
// fault: a later plugin of the configuration's list may have added them.
std::vector<std::string> faults_of_pair(const Attachment& attachment, const Observed& observed);
std::vector<std::string> faults_of_port(const Attachment& attachment, const Observed& observed);
std::vector<std::string> faults_of(const Attachment& attachment, const Observed& observed);  // both

// The steps from what is there to the attachment; none: it is there. A pair with a fault, or with an address that is
// not of the attachment, is made anew: a container is not in use before ADD has ended. errc::interface_exists: the
// container's interface is not the other end of the plugin's device.
base::Result<std::vector<Step>> plan(const Attachment& attachment, const Observed& observed);

// The names of ports, and so of devices, whose attachments are not valid, for GC. A port whose name does not follow
// from its external_ids is left alone: another program made it.
std::vector<std::string> stale_ports(const std::string& network, const std::vector<Port>& ports,
                                     const std::vector<AttachmentRef>& valid);

}  // namespace knm::cni
