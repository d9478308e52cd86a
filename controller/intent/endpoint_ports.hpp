#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/api/objects.hpp"

// Ports of EndpointSlices as one text: most slices have the same few, and are compared far more often than parsed.
namespace knm {

// The stored form of a port name: a slice may have 20,000 names of 63 characters, so a long one is stored as a digest.
std::string kept_name(const std::string& name);

// One line for each port, in the slice's order.
std::string ports_text(const std::vector<k8s::EndpointPort>& ports);

struct ResolvedPort {
  std::string_view name, protocol;  // views into the text; the name is a kept_name()
  std::int32_t port = 0;            // 0: all
  friend auto operator<=>(const ResolvedPort&, const ResolvedPort&) = default;
};

// Sorted by name and protocol; of several with the same name and protocol, the lowest number counts.
std::vector<ResolvedPort> read_ports(std::string_view text);

// The ports of a Pod from several slices; limited to the maximum of one slice, the first by name.
std::string together(const std::vector<std::string_view>& texts);

}  // namespace knm
