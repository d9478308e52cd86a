#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contrail-client/ip.hpp"

namespace knm {

// Reads a range of addresses. Error: what is wrong and, where there is one, the range that was probably meant:
// `10.0.0.1/16 has host bits: write 10.0.0.0/16`. Ranges that no pod can have an address of (loopback, link-local,
// multicast, unspecified) are refused.
base::Result<contrail::Cidr> parse_range(std::string_view text);

}  // namespace knm
