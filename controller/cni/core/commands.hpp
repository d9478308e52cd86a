#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/cni/core/attachment.hpp"
#include "controller/cni/core/observed.hpp"

// What the plugin asks of the programs `ip` (iproute2) and `ovs-vsctl`, as text.
namespace knm::cni {

using Words = std::vector<std::string>;  // a program's arguments

// A line of `ip -batch` on the node: makes the pair, with the other end in the namespace whose file is `netns`.
std::string line_of_pair(const Attachment& attachment, const std::string& netns);
// Pairs of a file below /proc/sys and its value: for its device the node answers no ARP, accepts no packet by IPv4 from
// an address that it does not itself reach by the device, and has no IPv6
// (https://docs.kernel.org/networking/ip-sysctl.html).
std::vector<std::pair<std::string, std::string>> silencing(const std::string& device);
// Lines of `ip -batch` in the container: addresses and routes.
std::string lines_inside(const Attachment& attachment);

// ovs-vsctl: the ports of a network, as read_ports() takes them.
Words find_ports(const std::string& network);
// ovs-vsctl: makes the port of an attachment, with its external_ids, in one transaction.
Words plug_port(const Attachment& attachment);
// ovs-vsctl: removes ports, as far as they are there, from whichever bridge has them.
Words unplug_ports(const Words& names);
// ovs-vsctl: waits until ovn-controller has installed the flows of a port.
Words await_flows(const std::string& port);

}  // namespace knm::cni
