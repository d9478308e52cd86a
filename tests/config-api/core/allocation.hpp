#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/core/database.hpp"
#include "tests/config-api/core/refusal.hpp"

namespace standin {

/// What a network's references to ipams make of its subnets. Fills in the attrs; 409 where a subnet in use would go.
/// Nothing is changed yet: the caller stores both when the rest of the request passes.
Outcome<std::vector<Subnet>> plan_subnets(Database& database, const Object* network, std::vector<Reference>& ipams);

struct TakenAddress {
  std::string address;
  std::string subnet_uuid;  // empty where the address is in no subnet
};

/// Takes the address of a new instance-ip: the one asked for, else the next of the family or subnet asked for.
/// Taken, DNS, network or last address 409; outside or exhausted 400; no address at all 500. The gateway is granted
/// without being taken: a trap of the real server.
Outcome<TakenAddress> take_instance_ip(Database& database, const Uuid& network, const nlohmann::json& body);

/// Takes the address of a new floating-ip. Taken or reserved 409; outside, exhausted or no address at all 500.
Outcome<TakenAddress> take_floating_ip(Database& database, const Uuid& network, const nlohmann::json& body);

/// Gives back what an instance-ip or floating-ip holds, in the network that it refers to now: after its address or
/// network was changed by PUT this is not what it took, which then leaks, as on the real server.
void release_address(Database& database, const Object& object);

/// ip-alloc: addresses that belong to no object. All or none; 400 when exhausted.
Outcome<std::vector<std::string>> take_addresses(Database& database, const Uuid& network, const nlohmann::json& body);

/// ip-free: what is not taken, or no address, is ignored.
void free_addresses(Database& database, const Uuid& network, const std::vector<std::string>& addresses);

/// The network that a floating-ip's pool belongs to.
std::optional<Uuid> network_of_pool(const Database& database, const Uuid& pool);

}  // namespace standin
