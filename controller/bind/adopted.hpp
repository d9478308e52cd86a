#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "contrail-client/types.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Properties of objects that another client made under derived names. They keep these properties, so the controller
// reads them and never assumes derived ones.
class Adopted {
 public:
  // The table must outlive it.
  explicit Adopted(const Table& table) : table_(table) {}

  // --- Found properties
  // A virtual machine with another name than its entry; its uuid is the Pod's UID all the same.
  void note_name(SlotId machine, contrail::FqName name) { machine_names_[machine] = std::move(name); }
  void forget_name(SlotId machine) { machine_names_.erase(machine); }
  // The MAC of an interface as first read: a later change by another client is drift.
  void note_mac(SlotId interface, const contrail::Uuid& uuid, const std::string& mac);
  // The entry was written or deleted: earlier found properties no longer hold.
  void forget(SlotId id);

  // --- Queries
  // The name of a virtual machine in the config API.
  contrail::FqName name_of_machine(SlotId machine) const;
  // The uuid of the interface of a Pod: that of the observed object, if that is or by adoption becomes the interface of
  // this Pod and not of a predecessor; else the derived one. `interface` may be no_slot.
  contrail::Uuid uuid_of_interface(SlotId interface, std::string_view pod_uid) const;
  std::string mac_of_interface(SlotId interface, std::string_view pod_uid) const;
  // The gateway of this range in a network, which may be no_slot or missing: that of the found subnet, else the default
  // of the config API.
  contrail::IpAddress gateway(SlotId network, const contrail::Cidr& range) const;
  // Whether a found subnet of a network has this address as gateway or DNS address.
  bool reserves(SlotId network, const contrail::IpAddress& address) const;

 private:
  bool is_there(SlotId id) const { return id != no_slot && table_[id].exists(); }
  bool is_interface_of(SlotId id, std::string_view pod_uid) const;

  const Table& table_;
  std::map<SlotId, contrail::FqName> machine_names_;
  std::map<SlotId, std::pair<contrail::Uuid, std::string>> macs_;  // with the uuid of the interface at that time
};

}  // namespace knm
