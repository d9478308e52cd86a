#pragma once

#include <optional>
#include <string_view>

#include "contrail-client/ip.hpp"

namespace knm {

// The address that a text of a Kubernetes object means, read as Kubernetes reads it: numbers are decimal however many
// zeros they begin with (`192.000.02.061`), and an IPv4-mapped address (`::ffff:192.0.2.61`) is the IPv4 address. API
// servers up to 1.35 store such texts; what the configuration and the config API say is read strictly.
// Source: k8s.io/utils/net, ParseIPSloppy, which is Go's net.ParseIP of before 1.17.
std::optional<contrail::IpAddress> read_address(std::string_view text);

}  // namespace knm
