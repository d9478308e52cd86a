#pragma once

#include <optional>
#include <string_view>

#include "contrail-client/ip.hpp"

namespace knm {

// Parses an address in a Kubernetes object as Kubernetes does: numbers are decimal even with leading zeros
// (`192.000.02.061`), and an IPv4-mapped address (`::ffff:192.0.2.61`) is the IPv4 address; nullopt: not an address.
// API servers up to 1.35 store such texts; the configuration and the config API are parsed strictly. Source:
// k8s.io/utils/net, ParseIPSloppy, which is Go's net.ParseIP of before 1.17.
std::optional<contrail::IpAddress> read_address(std::string_view text);

}  // namespace knm
