#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contrail-client/uuid.hpp"
#include "controller/base/packed_text.hpp"
#include "controller/ipam/address_pool.hpp"

namespace knm {

// The public addresses of LoadBalancer Services, and those of foreign floating IPs.
//
// Owners are named by share_of(); an address that a Service keeps is set by keep(), so that it is never chosen for
// another. Foreign floating IPs are known from an inventory, which shows all floating IPs of the pool, from events and
// from refusals; each inventory replaces them.
class PublicAddresses {
 public:
  PublicAddresses(std::vector<contrail::Cidr> ranges, Time rest);

  std::optional<contrail::IpAddress> of(const std::string& owner) const { return ledger_.of(owner); }
  // `owner` has it from now on; its former address cools down.
  void keep(const std::string& owner, const contrail::IpAddress& address, Time now);
  // A new address for an owner without one, from those for which `free` returns true; nullopt: there is none.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now,
                                            const std::function<bool(const contrail::IpAddress&)>& free);
  void release(const std::string& owner, Time now) { ledger_.release(owner, now); }
  // The server refused it, since a foreign object has it.
  void refuse(const std::string& owner, const contrail::IpAddress& address, Time now);

  // An inventory begins, shows a foreign floating IP, and is complete.
  void begin_inventory();
  void show(const contrail::IpAddress& address, std::string_view name, const contrail::Uuid& uuid);
  void end_inventory();
  // An event shows a foreign floating IP, or that it is deleted. Both return whether that is new. Linear in the number
  // of foreign floating IPs.
  bool came(const contrail::IpAddress& address, std::string_view name, const contrail::Uuid& uuid);
  bool went(const contrail::Uuid& uuid);
  // The name of the foreign floating IP with this address, empty if unknown; nullopt: there is none.
  std::optional<std::string> other_at(const contrail::IpAddress& address) const {
    const auto at = others_.find(address);
    return at == others_.end() ? std::nullopt : std::optional(at->second.name.text());
  }

  // Whether an address is refused for a floating IP that is not known: no event can show its end.
  bool has_unknown() const { return unknown_ > 0; }

  std::optional<Time> next_cooled_down() const { return ledger_.next_cooled_down(); }
  // Ends the cool-downs that have passed by `now`.
  void wake(Time now) { ledger_.wake(now); }

 private:
  struct Other {
    PackedText name;
    contrail::Uuid uuid;  // nil: not known
  };

  AddressPool ledger_;
  void count_unknown();

  std::map<contrail::IpAddress, Other> others_, shown_;
  std::size_t unknown_ = 0;                       // of others_, those without a uuid
  std::optional<std::set<contrail::Uuid>> gone_;  // deleted while an inventory is read, which may show them
};

}  // namespace knm
