#include <algorithm>

#include "controller/bind/namespace_uid.hpp"
#include "controller/bind/rebinding.hpp"

// The entries of a Service: its addresses and its status.
namespace knm {
namespace {

using contrail::Type;

// Whether an entry is the Service's object for this address: it has the address, or was made for it.
bool has_address(const Entry& entry, const ServiceFacts& service, const contrail::IpAddress& address) {
  return shows(entry, address) ||
         (entry.exists() && entry.uuid() == derived_uuid(Type::floating_ip, service.uid, address.text()));
}

}  // namespace

// Whether the observed service network has it as gateway or DNS address.
bool Binder::is_reserved(const ServiceFacts& service, const contrail::IpAddress& address) const {
  return loader_.adopted().reserves(bodies_.service_network(tier_key(service.ns, service.tier)), address);
}

void Binder::bind_service(const std::string& key, Rebinding& out, Time now) {
  auto& binding = out.binding();
  binding.cluster_addresses.clear();
  const auto* service = intent_.service(key);
  const bool is_served = service && !uid_of_namespace(intent_, service->ns).empty();
  load_balancers_.choose(key, is_served ? service : nullptr, now);
  if (!is_served) {
    binding.public_addresses.clear();
    return;
  }
  const auto& load_balancer = load_balancers_.of(key);
  for (const auto& address : service->cluster_addresses)
    if (!is_reserved(*service, address)) binding.cluster_addresses.push_back({address, false});
  binding.public_addresses = name_public_addresses(*service, load_balancer.addresses);
  for (std::uint32_t i = 0; i < binding.cluster_addresses.size(); ++i) out.object(Role::cluster_address, i);
  std::vector<Dependency> needed;
  for (std::uint32_t i = 0; i < binding.public_addresses.size(); ++i) {
    const auto id = out.object(Role::public_address, i);
    const auto& address = binding.public_addresses[i].address;
    table_[id].expect_address_of(load_balancers_.other_at(address, id));
    load_balancers_.want(address, id);
    const auto& shown = load_balancer.addresses;
    if (!load_balancer.leaving && std::find(shown.begin(), shown.end(), address) != shown.end())
      needed.push_back({id, false});
  }
  if (!load_balancer.addresses.empty() || (service->wants_load_balancer && !service->status.empty()))
    out.text(TargetApi::service_status, Role::load_balancer_status, std::move(needed));
}

std::vector<Problem> Binder::address_problems(const ServiceFacts& service) const {
  std::vector<Problem> out;
  for (const auto& address : service.cluster_addresses)
    if (is_reserved(service, address))
      out.push_back(
          {"AddressReserved",
           "the ClusterIP " + address.text() +
               " is the gateway or DNS address of the existing service network; give the Service another ClusterIP"});
  for (const auto& address : service.external_addresses)
    for (auto problem : {ranges_.refuse_public(address), load_balancers_.refuse_external(service, address)})
      if (problem && std::find(out.begin(), out.end(), *problem) == out.end()) out.push_back(std::move(*problem));
  return out;
}

bool Binder::possesses(const Claimant& claimant, const contrail::IpAddress& address) const {
  if (address.is_unspecified()) return load_balancers_.has_any(claimant.uid, address.family);
  const auto is_there = [&](SlotId id) {
    return id != no_slot && table_[id].ownership() == Ownership::owned && shows(table_[id], address) &&
           table_[id].identity() == identity_of(claimant.uid);
  };
  if (is_there(table_.floating_ip(derived_uuid(Type::floating_ip, claimant.uid, address.text())))) return true;
  // Objects of other clients have other uuids under derived names.
  const auto named = [&](const contrail::FqName& name) { return is_there(table_.find(Type::floating_ip, name)); };
  const auto ns = ns_of(claimant.service), name = name_of(claimant.service);
  for (const bool first : {true, false}) {
    if (named(names_.public_address(ns, name, address, first))) return true;
    const auto* facts = intent_.service(claimant.service);
    if (facts && named(names_.cluster_address(ns, facts->tier, name, address.family, !first))) return true;
  }
  return false;
}

std::vector<SlotId> Binder::bind_backends(const ObjectKey& service, const std::vector<ObjectKey>& moved) {
  std::vector<SlotId> touched;
  const auto* facts = intent_.service(service);
  const auto* binding = bindings_.find(UnitKind::service, service);
  if (!facts || !binding) return touched;
  for (const auto id : binding->slots) {
    if (table_[id].type() != Type::floating_ip || table_[id].target_api() != TargetApi::config) continue;
    bool changed = false;
    const auto& source = table_[id].source();
    const bool is_public = static_cast<Role>(source.role) == Role::public_address;
    const auto& bound = (is_public ? binding->public_addresses : binding->cluster_addresses)[source.index];
    const auto& pods = facts->reached(bound.address.family).pods;
    for (const auto& pod : moved) {
      const auto name = names_.interface(ns_of(pod), name_of(pod));
      const bool in = pods.contains(pod);
      changed |= table_.want_reference(id, contrail::Field::interfaces, name, in);
    }
    if (changed) touched.push_back(id);
  }
  return touched;
}

bool Binder::is_public_address(SlotId id) const {
  const auto& entry = table_[id];
  return entry.type() == Type::floating_ip && contrail::parent_of(entry.name()) == Names::pool(names_.public_network());
}

// An address keeps the name of its object, so that no connection is cut by renaming; the short name, if it is free,
// goes to the first address.
std::vector<BoundAddress> Binder::name_public_addresses(const ServiceFacts& service,
                                                        const std::vector<contrail::IpAddress>& balanced) const {
  auto wanted = service.external_addresses;
  std::erase_if(wanted,
                [&](const auto& address) { return load_balancers_.refuse_external(service, address).has_value(); });
  for (const auto& address : balanced)
    if (std::find(wanted.begin(), wanted.end(), address) == wanted.end()) wanted.push_back(address);
  std::erase_if(wanted, [&](const auto& address) { return ranges_.refuse_public(address).has_value(); });
  std::vector<BoundAddress> out;
  bool short_is_free = true;
  for (const auto& address : wanted) {
    const auto id = table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, address, true));
    const bool has_it = id != no_slot && has_address(table_[id], service, address);
    // An unowned object keeps its address, and its name.
    const bool is_anothers = id != no_slot && table_[id].exists() && table_[id].ownership() == Ownership::unowned;
    short_is_free &= !has_it && !is_anothers;
    out.push_back({address, has_it});
  }
  for (auto& bound : out) {
    if (!short_is_free) break;
    const auto id =
        table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, bound.address, false));
    if (id != no_slot && has_address(table_[id], service, bound.address)) continue;
    bound.short_name = true;
    short_is_free = false;
  }
  return out;
}

}  // namespace knm
