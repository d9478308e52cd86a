#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/address.hpp"
#include "tests/config-api/core/refusal.hpp"
#include "tests/config-api/core/uuid.hpp"

namespace standin {

/// One subnet of a network, and which of its addresses are taken.
struct Subnet {
  Prefix prefix;
  std::string uuid;                                    // a client's own is kept as it is
  std::optional<Number128> gateway;                    // none: "0.0.0.0" or "::" was given
  std::optional<Number128> dns;                        // none: as above
  bool from_start = false;                             // allocate bottom-up
  std::vector<std::pair<Number128, Number128>> pools;  // none: all of the subnet
  NumberSet taken;                                     // by objects or ip-alloc; never holds a reserved address

  /// Network, last address, gateway and DNS are never allocated.
  [[nodiscard]] bool is_reserved(Number128 number) const;
  /// Takes the next free address: top-down, or bottom-up with from_start. Nothing when exhausted.
  std::optional<Number128> allocate();
  /// Takes this one; false where it is reserved or taken.
  bool take(Number128 number);
  void release(Number128 number) { taken.erase(number); }
};

/// Reads the attr of a network's reference to an ipam and fills in what the server chooses: the prefix without host
/// bits, gateway, DNS address, subnet_uuid. @return 400, 409 or 500 as the real server refuses it
Outcome<std::vector<Subnet>> read_subnets(nlohmann::json& attr, UuidGenerator& uuids);

/// The subnets of a network are written anew: overlap 400, changed gateway 500. Addresses taken in the old ones stay
/// taken in those of the same prefix.
std::optional<Refusal> replace_subnets(const std::vector<Subnet>& old_ones, std::vector<Subnet>& new_ones);

/// The subnet that holds the address, or null.
Subnet* find_subnet(std::vector<Subnet>& subnets, const Address& address);

}  // namespace standin
