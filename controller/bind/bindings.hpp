#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/rare.hpp"
#include "controller/base/text_map.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// An address of a Service.
struct BoundAddress {
  contrail::IpAddress address;
  bool short_name;  // of a public address
  friend bool operator==(const BoundAddress&, const BoundAddress&) = default;
};

// The entries of a unit.
struct Binding {
  SlotList slots;
  RareList<BoundAddress> cluster_addresses, public_addresses;  // of a Service; Source::index counts in them
};

// Which entries each unit has, and which unit has an entry.
//
// Entries point to the key of their unit here (Source::unit), so that a binding with wanted entries must not be erased.
class Bindings {
 public:
  // All of them live longer.
  Bindings(const Intent& intent, const Table& table, const Names& names)
      : intent_(intent), table_(table), names_(names) {}

  // The binding of a unit with its key as Source::unit has it; made where there is none.
  std::pair<const PackedText*, Binding*> make(const Unit& unit);
  // Null where there is none.
  const Binding* find(UnitKind kind, std::string_view key) const { return find_or_null(units_[at(kind)], key); }
  // Of a unit without entries.
  void erase(const Unit& unit) { units_[at(unit.kind)].erase(unit.key); }
  // Sets the slots that any unit has.
  void mark_slots(std::vector<bool>& slots) const;

  // --- Of an entry
  // The unit that wants it; nullopt: it is not wanted, or is one that clusters share.
  std::optional<Unit> unit_of(SlotId id) const;
  // The Namespace that it is for; empty: it is the whole cluster's, or nothing tells. Valid while the entry does not
  // change.
  std::string_view project_of(SlotId id) const;
  // Whose address a floating IP is that is wanted, by the Service's key; nullopt: it is none.
  std::optional<std::pair<ObjectKey, contrail::IpAddress>> possession_of(SlotId id) const;

  // --- Of a unit
  // The entry of a Pod's annotation; no_slot where none is wanted.
  SlotId pod_state(std::string_view pod) const;
  // The floating IPs of a Service: of its ClusterIPs, then of its public addresses, each in order.
  std::vector<SlotId> addresses_of_service(std::string_view service) const;
  // The entries that may keep a Pod's interface from changing: its addresses, and those that are to reach it.
  std::vector<SlotId> addresses_of(SlotId interface) const;

 private:
  static std::size_t at(UnitKind kind) { return static_cast<std::size_t>(kind); }

  const Intent& intent_;
  const Table& table_;
  const Names& names_;
  std::array<TextMap<Binding>, unit_kind_count> units_;  // by UnitKind
};

}  // namespace knm
