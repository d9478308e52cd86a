#include "controller/bind/bindings.hpp"

#include <algorithm>

#include "controller/bind/role.hpp"

namespace knm {

using contrail::Type;

std::pair<const PackedText*, Binding*> Bindings::make(const Unit& unit) {
  auto& map = units_[at(unit.kind)];
  auto found = map.find(unit.key);
  if (found == map.end()) found = map.try_emplace(intent_.shared_key(unit)).first;
  return {&found->first, &found->second};
}

void Bindings::mark_slots(std::vector<bool>& slots) const {
  for (const auto& units : units_)
    for (const auto& [key, binding] : units)
      for (const auto id : binding.slots) slots[id] = true;
}

std::optional<Unit> Bindings::unit_of(SlotId id) const {
  const auto& source = table_[id].source();
  if (!source.unit) return std::nullopt;
  switch (static_cast<Role>(source.role)) {
    case Role::project:
      return Unit{UnitKind::ns, *source.unit};
    case Role::pod_network:
      return Unit{UnitKind::pod_tier, *source.unit};
    case Role::service_network:
    case Role::service_pool:
    case Role::access_policy:
      return Unit{UnitKind::service_tier, *source.unit};
    case Role::cluster_address:
    case Role::public_address:
    case Role::load_balancer_status:
      return Unit{UnitKind::service, *source.unit};
    case Role::external_network:
    case Role::global_policy:
      return Unit{UnitKind::external_network, *source.unit};
    default:
      return Unit{UnitKind::pod, *source.unit};
  }
}

std::string_view Bindings::project_of(SlotId id) const {
  const auto& entry = table_[id];
  const auto* unit = entry.source().unit;
  if (!unit && entry.target_api() == TargetApi::config) {
    const auto named = names_.namespace_in(entry.type(), entry.name());
    return named.empty() ? entry.cold().project.view() : named;
  }
  const auto role = static_cast<Role>(entry.source().role);
  if (role == Role::external_network || role == Role::global_policy) return {};
  const auto key = unit ? unit->view() : entry.name().view();
  return role == Role::project ? key : ns_of(key);
}

std::optional<std::pair<ObjectKey, contrail::IpAddress>> Bindings::possession_of(SlotId id) const {
  const auto& source = table_[id].source();
  const auto role = static_cast<Role>(source.role);
  if (!table_[id].is_desired() || (role != Role::cluster_address && role != Role::public_address)) return std::nullopt;
  const auto& binding = *find(UnitKind::service, *source.unit);
  const auto& bound = role == Role::public_address ? binding.public_addresses : binding.cluster_addresses;
  if (source.index >= bound.size()) return std::nullopt;
  return std::pair(source.unit->text(), bound[source.index].address);
}

SlotId Bindings::pod_state(std::string_view pod) const {
  const auto* binding = find(UnitKind::pod, pod);
  if (!binding) return no_slot;
  for (const auto id : binding->slots)
    if (table_[id].target_api() == TargetApi::pod_state) return id;
  return no_slot;
}

std::vector<SlotId> Bindings::addresses_of_service(std::string_view service) const {
  std::vector<SlotId> out;
  const auto* binding = find(UnitKind::service, service);
  if (!binding) return out;
  for (const auto id : binding->slots)
    if (const auto role = static_cast<Role>(table_[id].source().role);
        role == Role::cluster_address || role == Role::public_address)
      out.push_back(id);
  const auto place = [&](SlotId id) { return std::pair(table_[id].source().role, table_[id].source().index); };
  std::sort(out.begin(), out.end(), [&](SlotId a, SlotId b) { return place(a) < place(b); });
  return out;
}

std::vector<SlotId> Bindings::addresses_of(SlotId interface) const {
  std::vector<SlotId> out;
  const auto& source = table_[interface].source();
  if (static_cast<Role>(source.role) != Role::interface) return out;
  for (const auto id : find(UnitKind::pod, *source.unit)->slots)
    if (table_[id].type() == Type::instance_ip) out.push_back(id);
  for (const auto& key : intent_.services_of(intent_.pod(*source.unit)->uid))
    if (const auto* binding = find(UnitKind::service, key))
      for (const auto id : binding->slots)
        if (table_[id].type() == Type::floating_ip) out.push_back(id);
  return out;
}

}  // namespace knm
