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
  bool short_name;  // for a public address: whether its object has the short name
  friend bool operator==(const BoundAddress&, const BoundAddress&) = default;
};

// The entries of a unit.
struct Binding {
  SlotList slots;
  RareList<BoundAddress> cluster_addresses, public_addresses;  // of a Service; Source::index is an index into them
};

// Maps units to their entries, and entries to their unit.
//
// Entries point to the key of their unit here (Source::unit), so a binding with desired entries must not be erased.
class Bindings {
 public:
  // All of them must outlive the Bindings.
  Bindings(const Intent& intent, const Table& table, const Names& names)
      : intent_(intent), table_(table), names_(names) {}

  // The binding of a unit, with its key for Source::unit; made if there is none.
  std::pair<const PackedText*, Binding*> make(const Unit& unit);
  // Null if there is none.
  const Binding* find(UnitKind kind, std::string_view key) const { return find_or_null(units_[at(kind)], key); }
  // For a unit without entries.
  void erase(const Unit& unit) { units_[at(unit.kind)].erase(unit.key); }
  // Sets the slots of all units.
  void mark_slots(std::vector<bool>& slots) const;

  // --- Of an entry
  // The unit for which it is desired; nullopt: it is not desired, or is shared between clusters.
  std::optional<Unit> unit_of(SlotId id) const;
  // The Namespace of the entry; empty: it belongs to the whole cluster, or the Namespace is not known. Valid while the
  // entry does not change.
  std::string_view project_of(SlotId id) const;
  // The Service and the address of a desired floating IP; nullopt: it is not an address of a Service.
  std::optional<std::pair<ObjectKey, contrail::IpAddress>> possession_of(SlotId id) const;

  // --- Of a unit
  // The entry of a Pod's annotation; no_slot: none is desired.
  SlotId pod_state(std::string_view pod) const;
  // The floating IPs of a Service: for its ClusterIPs, then for its public addresses, each in order.
  std::vector<SlotId> addresses_of_service(std::string_view service) const;
  // The entries that may block a change of a Pod's interface: its addresses, and the floating IPs with it as backend.
  std::vector<SlotId> addresses_of(SlotId interface) const;

 private:
  static std::size_t at(UnitKind kind) { return static_cast<std::size_t>(kind); }

  const Intent& intent_;
  const Table& table_;
  const Names& names_;
  std::array<TextMap<Binding>, unit_kind_count> units_;  // by UnitKind
};

}  // namespace knm
