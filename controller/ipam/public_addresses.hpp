#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/packed_text.hpp"
#include "controller/ipam/address_pool.hpp"

namespace knm {

// Which public addresses are given to which LoadBalancer Services, and which ones strangers have.
//
// Owners are named by share_of(); what a Service is to keep is told by keep(), so that it is never chosen for another.
// Strangers are known from an inventory, which shows all floating IPs of the pool, and from refusals; each inventory
// replaces what was known of them.
class PublicAddresses {
 public:
  PublicAddresses(std::vector<contrail::Cidr> ranges, Time rest);

  std::optional<contrail::IpAddress> of(const std::string& owner) const { return ledger_.of(owner); }
  // `owner` has it from now on; a former address of its own rests.
  void keep(const std::string& owner, const contrail::IpAddress& address, Time now);
  // A new choice for one that has none, of those that `free` says are; nullopt where there is none.
  std::optional<contrail::IpAddress> choose(const std::string& owner, contrail::Family family, Time now,
                                            const std::function<bool(const contrail::IpAddress&)>& free);
  void release(const std::string& owner, Time now) { ledger_.release(owner, now); }
  // The server says that a stranger has it.
  void refuse(const std::string& owner, const contrail::IpAddress& address, Time now);

  // An inventory begins, shows a floating IP of somebody else, and is complete.
  void begin_inventory() { shown_.clear(); }
  void show(const contrail::IpAddress& address, std::string_view name) { shown_[address] = PackedText(name); }
  void end_inventory() { others_ = std::exchange(shown_, {}); }
  // The name of the floating IP of somebody else that has it, empty where that is not known; nullopt: none has.
  std::optional<std::string> other_at(const contrail::IpAddress& address) const {
    const auto at = others_.find(address);
    return at == others_.end() ? std::nullopt : std::optional(at->second.text());
  }

  std::optional<Time> next_cooled_down() const { return ledger_.next_cooled_down(); }
  // Those that have rested until `now` may be given out again.
  void wake(Time now) { ledger_.wake(now); }

 private:
  AddressPool ledger_;
  std::map<contrail::IpAddress, PackedText> others_, shown_;  // with their names
};

}  // namespace knm
