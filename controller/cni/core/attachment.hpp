#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "controller/cni/core/arguments.hpp"
#include "controller/cni/core/network_config.hpp"
#include "controller/model/pod_state.hpp"

namespace knm::cni {

// An address of a container. It is alone on its link, with a full prefix (/32 or /128): the container reaches even its
// neighbours by the gateway.
struct ContainerAddress {
  contrail::IpAddress address;
  contrail::IpAddress gateway;

  friend bool operator==(const ContainerAddress&, const ContainerAddress&) = default;
};

// An address with a full prefix, as "10.0.0.7/32".
std::string with_prefix(const contrail::IpAddress& address);

// The desired attachment of a container: a pair of devices (veth), one end in the container, the other one a port of
// Open vSwitch on the node.
struct Attachment {
  std::string device;   // the end on the node: device_of()
  std::string network;  // the configuration's name
  AttachmentRef ref;    // `ref.interface` is the end in the container
  PodRef pod;
  std::string mac;  // lower case, of the end in the container
  int mtu = 0;
  bool checksum_offload = false;
  std::vector<ContainerAddress> addresses;  // never empty, at most one gateway for each family
  std::string bridge;
  std::string interface_uuid;  // the port's iface-id; empty: not known, any will do

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

// The name of the device on the node: "knm" and 12 hexadecimal digits that follow from the three names. DEL finds the
// device by it, also after an upgrade: the name is a format.
std::string device_of(const std::string& network, const AttachmentRef& ref);

// The attachment that a Pod's annotation asks for. errc::bad_config: there is no gateway for a family of its addresses.
base::Result<Attachment> attachment_of(const NetworkConfig& config, const Arguments& arguments, const PodState& state);

// The result of ADD (https://www.cni.dev/docs/spec/#section-5-result-types), as JSON text.
std::string render_result(const Attachment& attachment, const std::string& netns, Version version);

// The attachment that a result of ADD describes, for CHECK. What the result does not tell is as the configuration says.
// errc::bad_config: the result does not have the interface, its MAC or its addresses.
base::Result<Attachment> attachment_of_result(const NetworkConfig& config, const Arguments& arguments);

}  // namespace knm::cni
