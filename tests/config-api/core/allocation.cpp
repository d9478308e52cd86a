#include "tests/config-api/core/allocation.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/config-api/core/body.hpp"

namespace standin {
namespace {

using nlohmann::json;

constexpr long long kGreatestCount = 65536;  // of addresses in one ip-alloc

std::optional<Address> address_property(const Object& object, const char* name) {
  const std::string* text = object.property(name);
  const json value = text != nullptr ? json::parse(*text, nullptr, false) : json();
  return value.is_string() ? parse_address(value.get_ref<const std::string&>()) : std::nullopt;
}

bool any_within(const std::vector<const Object*>& objects, const char* property, const Prefix& prefix) {
  return std::ranges::any_of(objects, [&](const Object* object) {
    const auto address = address_property(*object, property);
    return address && prefix.contains(*address);
  });
}

/// The objects count here, not the addresses taken: what ip-alloc took or a PUT leaked does not keep a subnet.
bool is_in_use(const Database& database, const Uuid& network, const Prefix& prefix) {
  if (any_within(database.referrers(network, kInstanceIp), "instance_ip_address", prefix)) return true;
  return std::ranges::any_of(database.children(network, kFloatingIpPool), [&](const Object* pool) {
    return any_within(database.children(pool->uuid, kFloatingIp), "floating_ip_address", prefix);
  });
}

std::vector<Subnet>& subnets_of(Database& database, const Uuid& network) {
  static std::vector<Subnet> none;
  const auto found = database.subnets.find(network);
  return found == database.subnets.end() ? none : found->second;
}

TakenAddress describe(const Subnet& subnet, Number128 number) {
  return {to_text(Address{subnet.prefix.network.v6, number}), subnet.uuid};
}

struct Wanted {
  bool v6 = false;
  std::string subnet_uuid;  // empty: any
};

Wanted wanted_of(const json& body, const char* family, const char* subnet) {
  const std::string* family_text = text_of(body, family);
  const std::string* subnet_text = text_of(body, subnet);
  return {family_text != nullptr && *family_text == "v6", subnet_text != nullptr ? *subnet_text : ""};
}

std::optional<TakenAddress> take_next(std::vector<Subnet>& subnets, const Wanted& wanted) {
  for (Subnet& subnet : subnets) {
    const bool suits =
        wanted.subnet_uuid.empty() ? subnet.prefix.network.v6 == wanted.v6 : subnet.uuid == wanted.subnet_uuid;
    if (!suits) continue;
    if (const auto number = subnet.allocate()) return describe(subnet, *number);
  }
  return std::nullopt;
}

/// How the two kinds of objects refuse.
struct Manners {
  const char* property;
  int outside;
  bool grants_gateway;
};

Outcome<TakenAddress> take_given(std::vector<Subnet>& subnets, const std::string& given, const Manners& manners) {
  const auto address = parse_address(given);
  if (!address) return Refusal{500, std::string(manners.property) + ": " + given + " is no address"};
  Subnet* subnet = find_subnet(subnets, *address);
  if (subnet == nullptr) return Refusal{manners.outside, "Virtual-Network has no subnet with " + given};
  const bool granted = manners.grants_gateway && address->value == subnet->gateway;
  if (!granted && !subnet->take(address->value)) return Refusal{409, "IP address already in use: " + given};
  return TakenAddress{given, subnet->uuid};
}

Outcome<TakenAddress> take(std::vector<Subnet>& subnets, const json& body, const Wanted& wanted,
                           const Manners& manners) {
  const std::string* given = text_of(body, manners.property);
  if (given != nullptr && !given->empty()) return take_given(subnets, *given, manners);
  if (auto taken = take_next(subnets, wanted)) return *taken;
  return Refusal{manners.outside, "Virtual-Network has exhausted its subnets"};
}

}  // namespace

Outcome<std::vector<Subnet>> plan_subnets(Database& database, const Object* network, std::vector<Reference>& ipams) {
  std::vector<Subnet> planned;
  for (Reference& ipam : ipams) {
    json attr = json::parse(ipam.attr);
    auto subnets = read_subnets(attr, database.uuids);
    if (!subnets) return subnets.error();
    ipam.attr = attr.dump();
    std::ranges::move(*subnets, std::back_inserter(planned));
  }
  const std::vector<Subnet> none;
  const std::vector<Subnet>& present = network != nullptr ? subnets_of(database, network->uuid) : none;
  if (auto refusal = replace_subnets(present, planned)) return *refusal;
  for (const Subnet& subnet : present) {
    if (std::ranges::find(planned, subnet.prefix, &Subnet::prefix) != planned.end()) continue;
    if (is_in_use(database, network->uuid, subnet.prefix)) {
      return Refusal{409, "Cannot delete subnet, in use: " + to_text(subnet.prefix)};
    }
  }
  return planned;
}

Outcome<TakenAddress> take_instance_ip(Database& database, const Uuid& network, const json& body) {
  return take(subnets_of(database, network), body, wanted_of(body, "instance_ip_family", "subnet_uuid"),
              {"instance_ip_address", 400, true});
}

Outcome<TakenAddress> take_floating_ip(Database& database, const Uuid& network, const json& body) {
  return take(subnets_of(database, network), body, wanted_of(body, "floating_ip_address_family", "subnet_uuid"),
              {"floating_ip_address", 500, false});
}

void release_address(Database& database, const Object& object) {
  std::optional<Uuid> network;
  if (object.type == kInstanceIp) {
    if (const Reference* reference = object.first_reference(kVirtualNetwork)) network = reference->target;
  } else {
    network = network_of_pool(database, object.parent);
  }
  const auto address =
      address_property(object, object.type == kInstanceIp ? "instance_ip_address" : "floating_ip_address");
  if (!network || !address) return;
  if (Subnet* subnet = find_subnet(subnets_of(database, *network), *address)) subnet->release(address->value);
}

Outcome<std::vector<std::string>> take_addresses(Database& database, const Uuid& network, const json& body) {
  const auto given = body.find("count");
  const long long count = given != body.end() && given->is_number_integer() ? given->get<long long>() : 1;
  if (count > kGreatestCount) return Refusal{400, "Bad Request, count " + std::to_string(count)};
  std::vector<std::string> addresses;
  while (static_cast<long long>(addresses.size()) < count) {
    const auto taken = take_next(subnets_of(database, network), wanted_of(body, "family", "subnet"));
    if (!taken) {
      free_addresses(database, network, addresses);
      return Refusal{400, "Virtual-Network has exhausted its subnets"};
    }
    addresses.push_back(taken->address);
  }
  return addresses;
}

void free_addresses(Database& database, const Uuid& network, const std::vector<std::string>& addresses) {
  for (const std::string& text : addresses) {
    const auto address = parse_address(text);
    Subnet* subnet = address ? find_subnet(subnets_of(database, network), *address) : nullptr;
    if (subnet != nullptr) subnet->release(address->value);
  }
}

std::optional<Uuid> network_of_pool(const Database& database, const Uuid& pool) {
  const Object* object = database.find(kFloatingIpPool, pool);
  return object != nullptr ? std::optional(object->parent) : std::nullopt;
}

}  // namespace standin
