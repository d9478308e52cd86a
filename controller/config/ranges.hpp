#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/ip.hpp"

namespace knm {

// Parses a range of addresses. Error: what is wrong and, if possible, the range that was probably meant: `10.0.0.1/16
// has host bits: write 10.0.0.0/16`. Ranges without valid Pod addresses (loopback, link-local, multicast, unspecified)
// are refused.
base::Result<contrail::Cidr> parse_range(std::string_view text);

}  // namespace knm
