#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/types.hpp"

namespace knm::cni {

// A network device, as `ip -json address show` shows it.
struct Device {
  std::string name;
  int index = 0;
  int peer_index = 0;  // of a pair's other end; 0: it has none, or the other end is in the same namespace
  std::string mac;
  int mtu = 0;
  bool up = false;
  std::set<std::string> addresses;  // with their prefix, as "10.0.0.7/32"; none of the link itself (fe80::)

  friend bool operator==(const Device&, const Device&) = default;
};

// A route by a device, as `ip -json route show` shows it.
struct Route {
  std::string destination;  // "default", "10.0.0.1"
  std::string gateway;      // empty: the destination is on the link
  std::string device;

  friend bool operator==(const Route&, const Route&) = default;
};

// A port of Open vSwitch that the plugin made.
struct Port {
  std::string name;  // that of its device
  std::map<std::string, std::string> external_ids;
  std::string error{};  // why Open vSwitch cannot use the device; empty: it can

  friend bool operator==(const Port&, const Port&) = default;
};

// What is there of an attachment.
struct Observed {
  std::optional<Device> on_node;    // the device of the attachment's name
  std::optional<Device> inside;     // the interface of that name in the container
  std::vector<Route> routes;        // in the container, both families
  bool checksum_offload = false;    // of the interface in the container
  std::vector<Port> ports;          // all of the network
  std::set<std::string> on_bridge;  // names of all ports of the bridge
};

// Readers of what programs print. errc::io_failure: it does not have the expected form.
base::Result<std::vector<Device>> read_devices(std::string_view text);  // ip -json address show
base::Result<std::vector<Route>> read_routes(std::string_view text);    // ip -json route show
base::Result<std::vector<Port>> read_ports(std::string_view text);      // ovs-vsctl --format=json find interface
std::set<std::string> read_lines(std::string_view text);                // ovs-vsctl list-ports

}  // namespace knm::cni
