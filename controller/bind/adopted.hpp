#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "contrail-client/types.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// What objects were found with that another client made under names of this cluster's: they keep it, so that it is read
// and never assumed.
class Adopted {
 public:
  // It lives longer.
  explicit Adopted(const Table& table) : table_(table) {}

  // --- What was found
  // A virtual machine that has another name than its entry; its uuid is the Pod's UID all the same.
  void note_name(SlotId machine, contrail::FqName name) { machine_names_[machine] = std::move(name); }
  void forget_name(SlotId machine) { machine_names_.erase(machine); }
  // The MAC of an interface, as it was found the first time: what another client writes there later is drift.
  void note_mac(SlotId interface, const contrail::Uuid& uuid, const std::string& mac);
  // The entry was written or is gone: what was found there before does not hold any longer.
  void forget(SlotId id);

  // --- What follows
  // How the config API calls a virtual machine.
  contrail::FqName name_of_machine(SlotId machine) const;
  // The ids of the interface of a Pod: those of what is there, if that is, or by adoption becomes, the interface of
  // this Pod and of no predecessor; else derived ones. `interface` may be no_slot.
  contrail::Uuid uuid_of_interface(SlotId interface, std::string_view pod_uid) const;
  std::string mac_of_interface(SlotId interface, std::string_view pod_uid) const;
  // The gateway of this range in a network, which may be no_slot or missing: the subnet's that was found, else the
  // config API's usual one.
  contrail::IpAddress gateway(SlotId network, const contrail::Cidr& range) const;
  // Whether a subnet that a network was found with has this address as gateway or DNS.
  bool reserves(SlotId network, const contrail::IpAddress& address) const;

 private:
  bool is_there(SlotId id) const { return id != no_slot && table_[id].exists(); }
  bool is_interface_of(SlotId id, std::string_view pod_uid) const;

  const Table& table_;
  std::map<SlotId, contrail::FqName> machine_names_;
  std::map<SlotId, std::pair<contrail::Uuid, std::string>> macs_;  // with the uuid that the interface had
};

}  // namespace knm
