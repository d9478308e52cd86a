#include "controller/bind/public_floating_ips.hpp"

#include "controller/model/identity.hpp"

namespace knm {

using contrail::IpAddress;
using contrail::Type;

bool shows(const Entry& entry, const IpAddress& address) {
  contrail::Object probe;
  probe.type = Type::floating_ip;
  probe.address = address;
  const auto item = digests_of(probe).front();
  return entry.exists() && entry.type() == Type::floating_ip && entry.observed().contains(item);
}

void PublicFloatingIps::read(const IpAddress& address, SlotId id) {
  note(address, id);
  const auto& entry = table_[id];
  if (entry.exists() && entry.ownership() == Ownership::owned) made_.emplace(entry.identity(), address);
}

void PublicFloatingIps::note(const IpAddress& address, SlotId id) {
  by_address_.emplace(address, id);
  by_entry_.emplace(id, address);
}

void PublicFloatingIps::gone(SlotId id) {
  const auto first = by_entry_.lower_bound({id, IpAddress{}});
  auto last = first;
  for (; last != by_entry_.end() && last->first == id; ++last) by_address_.erase({last->second, id});
  by_entry_.erase(first, last);
}

SlotId PublicFloatingIps::other_at(const IpAddress& address, SlotId id) const {
  for (auto at = by_address_.lower_bound({address, 0}); at != by_address_.end() && at->first == address; ++at)
    if (at->second != id && table_[at->second].ownership() == Ownership::owned && shows(table_[at->second], address))
      return at->second;
  return no_slot;
}

bool PublicFloatingIps::has(std::string_view uid, const IpAddress& address) const {
  const auto id = owned_at(address);
  return id != no_slot && table_[id].identity() == identity_of(uid);
}

std::vector<IpAddress> PublicFloatingIps::made_for(std::string_view uid) const {
  std::vector<IpAddress> out;
  const auto identity = identity_of(uid);
  for (auto at = made_.lower_bound({identity, IpAddress{}}); at != made_.end() && at->first == identity; ++at)
    if (has(uid, at->second)) out.push_back(at->second);
  return out;
}

std::vector<IpAddress> PublicFloatingIps::addresses_of(SlotId id) const {
  std::vector<IpAddress> out;
  for (auto at = by_entry_.lower_bound({id, IpAddress{}}); at != by_entry_.end() && at->first == id; ++at)
    if (shows(table_[id], at->second)) out.push_back(at->second);
  return out;
}

}  // namespace knm
