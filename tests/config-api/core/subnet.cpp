#include "tests/config-api/core/subnet.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace standin {
namespace {

using nlohmann::json;

const std::string* text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

Outcome<Prefix> read_prefix(json& entry) {
  const auto subnet = entry.find("subnet");
  if (subnet == entry.end() || !subnet->is_object()) return Refusal{400, "ipam_subnets: an entry without subnet"};
  const std::string* given = text_member(*subnet, "ip_prefix");
  const auto length = subnet->find("ip_prefix_len");
  if (given == nullptr || length == subnet->end() || !length->is_number_integer()) {
    return Refusal{400, "ipam_subnets: subnet needs ip_prefix and ip_prefix_len"};
  }
  const auto address = parse_address(*given);
  const auto prefix = address ? make_prefix(*address, length->get<long long>()) : std::nullopt;
  if (!prefix) return Refusal{400, "Invalid subnet " + subnet->dump()};
  if (prefix->length > (prefix->network.v6 ? 126 : 30)) return Refusal{500, "no usable address in " + to_text(*prefix)};
  (*subnet)["ip_prefix"] = to_text(prefix->network);
  return *prefix;
}

/// An address of the entry that may be left out (the default is filled in) or be all zeroes: none.
Outcome<std::optional<Number128>> read_optional_address(json& entry, const char* name, const Prefix& prefix,
                                                        Number128 default_value) {
  const std::string* given = text_member(entry, name);
  if (given == nullptr) {
    entry[name] = to_text(Address{prefix.network.v6, default_value});
    return std::optional(default_value);
  }
  const auto address = parse_address(*given);
  if (!address) return Refusal{500, std::string(name) + ": " + *given + " is no address"};
  if (address->value == 0) return std::optional<Number128>();
  return std::optional(address->value);
}

std::optional<Refusal> read_gateway_and_dns(json& entry, Subnet& subnet) {
  const Number128 first = subnet.prefix.first();
  const Number128 last = subnet.prefix.last();
  const auto gateway =
      read_optional_address(entry, "default_gateway", subnet.prefix, subnet.from_start ? first + 1 : last - 1);
  if (!gateway) return gateway.error();
  if (*gateway && !subnet.prefix.contains(Address{subnet.prefix.network.v6, **gateway})) {
    return Refusal{409, "gateway " + entry["default_gateway"].dump() + " is not within " + to_text(subnet.prefix)};
  }
  const auto dns =
      read_optional_address(entry, "dns_server_address", subnet.prefix, subnet.from_start ? first + 2 : last - 2);
  if (!dns) return dns.error();
  subnet.gateway = *gateway;
  subnet.dns = *dns;
  return std::nullopt;
}

std::optional<Refusal> read_pools(const json& entry, Subnet& subnet) {
  const auto pools = entry.find("allocation_pools");
  if (pools == entry.end() || !pools->is_array()) return std::nullopt;
  for (const json& pool : *pools) {
    const std::string* start = text_member(pool, "start");
    const std::string* end = text_member(pool, "end");
    const auto low = start != nullptr ? parse_address(*start) : std::nullopt;
    const auto high = end != nullptr ? parse_address(*end) : std::nullopt;
    if (!low || !high || !subnet.prefix.contains(*low) || !subnet.prefix.contains(*high)) {
      return Refusal{409, "allocation pool " + pool.dump() + " is not within " + to_text(subnet.prefix)};
    }
    subnet.pools.emplace_back(low->value, high->value);
  }
  return std::nullopt;
}

Outcome<Subnet> read_subnet(json& entry, UuidGenerator& uuids) {
  if (!entry.is_object()) return Refusal{400, "ipam_subnets: an entry that is no object"};
  const auto prefix = read_prefix(entry);
  if (!prefix) return prefix.error();
  Subnet subnet;
  subnet.prefix = *prefix;
  const auto from_start = entry.find("addr_from_start");
  subnet.from_start = from_start != entry.end() && from_start->is_boolean() && from_start->get<bool>();
  if (auto refusal = read_gateway_and_dns(entry, subnet)) return *refusal;
  if (auto refusal = read_pools(entry, subnet)) return *refusal;
  const std::string* given = text_member(entry, "subnet_uuid");
  if (given == nullptr || given->empty()) entry["subnet_uuid"] = to_text(uuids.next());
  subnet.uuid = entry["subnet_uuid"].get<std::string>();
  return subnet;
}

}  // namespace

bool Subnet::is_reserved(Number128 number) const {
  return number == prefix.first() || number == prefix.last() || number == gateway || number == dns;
}

std::optional<Number128> Subnet::allocate() {
  std::vector<std::pair<Number128, Number128>> ranges = pools;
  if (ranges.empty()) ranges.emplace_back(prefix.first(), prefix.last());
  for (auto [low, high] : ranges) {
    while (low <= high) {
      const auto found = from_start ? taken.lowest_absent(low, high) : taken.highest_absent(low, high);
      if (!found) break;
      if (take(*found)) return found;
      // A reserved one: at most four of them are stepped over.
      if (*found == (from_start ? high : low)) break;
      (from_start ? low : high) = from_start ? *found + 1 : *found - 1;
    }
  }
  return std::nullopt;
}

bool Subnet::take(Number128 number) { return !is_reserved(number) && taken.insert(number); }

Outcome<std::vector<Subnet>> read_subnets(json& attr, UuidGenerator& uuids) {
  std::vector<Subnet> subnets;
  if (!attr.is_object()) return subnets;
  const auto entries = attr.find("ipam_subnets");
  if (entries == attr.end() || !entries->is_array()) return subnets;
  for (json& entry : *entries) {
    auto subnet = read_subnet(entry, uuids);
    if (!subnet) return subnet.error();
    subnets.push_back(std::move(*subnet));
  }
  return subnets;
}

std::optional<Refusal> replace_subnets(const std::vector<Subnet>& old_ones, std::vector<Subnet>& new_ones) {
  for (std::size_t i = 0; i < new_ones.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!new_ones[i].prefix.overlaps(new_ones[j].prefix)) continue;
      return Refusal{400, "Overlapping addresses: " + to_text(new_ones[j].prefix) + ", " + to_text(new_ones[i].prefix)};
    }
  }
  for (Subnet& subnet : new_ones) {
    const auto old_one = std::ranges::find(old_ones, subnet.prefix, &Subnet::prefix);
    if (old_one == old_ones.end()) continue;
    if (old_one->gateway != subnet.gateway) return Refusal{500, "gateway of " + to_text(subnet.prefix) + " changed"};
    subnet.taken = old_one->taken;
  }
  return std::nullopt;
}

Subnet* find_subnet(std::vector<Subnet>& subnets, const Address& address) {
  const auto found =
      std::ranges::find_if(subnets, [&](const Subnet& subnet) { return subnet.prefix.contains(address); });
  return found == subnets.end() ? nullptr : &*found;
}

}  // namespace standin
