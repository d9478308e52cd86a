#pragma once

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/plan/table.hpp"

namespace knm {

// Whether this floating IP exists and has the address.
bool shows(const Entry& entry, const contrail::IpAddress& address);

// The floating IPs of the public pool, observed or desired, by address and by entry; and which of them were made for
// which Service, as an inventory showed them.
class PublicFloatingIps {
 public:
  // The table must outlive it.
  explicit PublicFloatingIps(const Table& table) : table_(table) {}

  void begin_inventory() { made_.clear(); }
  // An object with the address was read, and is this entry.
  void read(const contrail::IpAddress& address, SlotId id);
  // The entry has this address, or is to have it. One that moves keeps its former address too.
  void note(const contrail::IpAddress& address, SlotId id);
  // The entry is neither desired nor existing.
  void gone(SlotId id);

  // The owned, existing entry with the address, made for any Service; no_slot: none.
  SlotId owned_at(const contrail::IpAddress& address) const { return other_at(address, no_slot); }
  // The same besides `id`.
  SlotId other_at(const contrail::IpAddress& address, SlotId id) const;
  // Whether the Service of this UID has the address, in an owned, existing entry.
  bool has(std::string_view uid, const contrail::IpAddress& address) const;
  // The addresses that an inventory showed for the Service of this UID, and that it has.
  std::vector<contrail::IpAddress> made_for(std::string_view uid) const;
  // The addresses that the entry shows.
  std::vector<contrail::IpAddress> addresses_of(SlotId id) const;

 private:
  const Table& table_;
  std::set<std::pair<contrail::IpAddress, SlotId>> by_address_;
  std::set<std::pair<SlotId, contrail::IpAddress>> by_entry_;
  std::set<std::pair<std::uint64_t, contrail::IpAddress>> made_;  // by identity_of() the Service's UID
};

}  // namespace knm
