#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "k8sclient/api/objects.hpp"

// Ports of EndpointSlices as one text: most slices have the same few, and are compared far more often than read.
namespace knm {

// A port's name as it is kept: a slice may have 20,000 of 63 characters each, so a long one is kept as its digest.
std::string kept_name(const std::string& name);

// One line each, in the slice's order.
std::string ports_text(const std::vector<k8s::EndpointPort>& ports);

struct ResolvedPort {
  std::string_view name, protocol;  // in the text; the name is a kept_name()
  std::int32_t port = 0;            // 0: all
  friend auto operator<=>(const ResolvedPort&, const ResolvedPort&) = default;
};

// Sorted by name and protocol; where one has several, the lowest number counts.
std::vector<ResolvedPort> read_ports(std::string_view text);

// The ports of a Pod that slices with these ports name; as many as a slice may have, the first by name.
std::string together(const std::vector<std::string_view>& texts);

}  // namespace knm
