#include "controller/bind/adopted.hpp"

#include "controller/bind/object_renderer.hpp"
#include "controller/model/identity.hpp"
#include "controller/model/pod_state.hpp"

namespace knm {
namespace {

// The found subnet of this range in a network; null: it has a derived one, or none.
const contrail::Subnet* found_subnet(const Entry& network, const contrail::Cidr& range) {
  for (const auto& ipam : network.cold().foreign_ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.cidr == range) return &subnet;
  return nullptr;
}

}  // namespace

void Adopted::note_mac(SlotId interface, const contrail::Uuid& uuid, const std::string& mac) {
  auto& found = macs_[interface];
  if (found.first != uuid) found = {uuid, mac};
}

void Adopted::forget(SlotId id) {
  machine_names_.erase(id);
  macs_.erase(id);
}

contrail::FqName Adopted::name_of_machine(SlotId machine) const {
  const auto other = machine_names_.find(machine);
  return other == machine_names_.end() ? table_[machine].name().text() : other->second;
}

bool Adopted::is_interface_of(SlotId id, std::string_view pod_uid) const {
  if (!is_there(id)) return false;
  const auto& entry = table_[id];
  return entry.ownership() == Ownership::unowned ||
         (entry.ownership() == Ownership::owned &&
          (entry.identity() == identity_of(pod_uid) || entry.identity() == identity_of("")));
}

contrail::Uuid Adopted::uuid_of_interface(SlotId interface, std::string_view pod_uid) const {
  return is_interface_of(interface, pod_uid) ? table_[interface].uuid() : interface_uuid(pod_uid);
}

std::string Adopted::mac_of_interface(SlotId interface, std::string_view pod_uid) const {
  const auto derived = interface_uuid(pod_uid);
  if (!is_interface_of(interface, pod_uid)) return mac_of(derived);
  const auto& uuid = table_[interface].uuid();
  const auto found = macs_.find(interface);
  const bool keeps = uuid != derived && found != macs_.end() && found->second.first == uuid;
  return keeps && !found->second.second.empty() ? found->second.second : mac_of(uuid);
}

contrail::IpAddress Adopted::gateway(SlotId network, const contrail::Cidr& range) const {
  const auto* found = is_there(network) ? found_subnet(table_[network], range) : nullptr;
  return found && found->gateway ? *found->gateway : gateway_of(range);
}

bool Adopted::reserves(SlotId network, const contrail::IpAddress& address) const {
  if (!is_there(network)) return false;
  for (const auto& ipam : table_[network].cold().foreign_ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.gateway == address || subnet.dns == address) return true;
  return false;
}

}  // namespace knm
