#include "controller/bind/binder.hpp"

#include <algorithm>
#include <functional>

#include "controller/bind/pod_state.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

std::uint64_t identity_of(std::string_view uid) { return std::hash<std::string_view>{}(uid); }

std::vector<contrail::Family> families_of(const std::vector<contrail::Cidr>& ranges) {
  std::vector<contrail::Family> out;
  for (const auto& range : ranges)
    if (std::find(out.begin(), out.end(), range.base.family) == out.end()) out.push_back(range.base.family);
  return out;
}

// Whether an entry is the Service's object of this address: it has it, or was made for it.
bool has_address(const Entry& entry, const ServiceFacts& service, const contrail::IpAddress& address) {
  if (entry.exists && entry.uuid == derived_uuid(Type::floating_ip, service.uid, address.text())) return true;
  Object probe;
  probe.type = entry.type;
  probe.address = address;
  const auto wanted = atoms_of(probe);
  return entry.exists && std::binary_search(entry.have.begin(), entry.have.end(), wanted.front());
}

std::string text_of(const std::map<std::string, std::string>& annotations, std::string_view key) {
  const auto found = annotations.find(std::string(key));
  return found == annotations.end() ? std::string() : found->second;
}

}  // namespace

// Collects what a unit wants now; what it wanted before and not any longer is let go at the end.
class Binder::Rebinding {
 public:
  Rebinding(Binder& binder, const Unit& unit) : binder_(binder) {
    auto& map = binder.bindings_[static_cast<std::size_t>(unit.kind)];
    const auto at = map.try_emplace(unit.key).first;
    key_ = &at->first;
    binding_ = &at->second;
    before_ = std::move(binding_->slots);
    binding_->slots.clear();
  }

  Binding& binding() { return *binding_; }

  Source source(Role role, std::uint32_t index = 0) const { return {static_cast<std::uint8_t>(role), index, key_}; }

  SlotId object(Role role, std::uint32_t index = 0) {
    const auto source = this->source(role, index);
    const auto object = binder_.object_of(source);
    const auto id = binder_.table_.slot(object.type, object.fq_name);
    note(id, binder_.want(id, source, object));
    return id;
  }

  void text(Home home, std::string_view name, Role role, std::vector<Dependency> dependencies) {
    const auto id = binder_.table_.slot(home, Type::project, name);
    note(id, binder_.want_text(id, source(role), std::move(dependencies)));
  }

  std::vector<SlotId> finish() {
    for (const auto id : before_)
      if (std::find(binding_->slots.begin(), binding_->slots.end(), id) == binding_->slots.end() &&
          binder_.unwant(id, key_))
        touched_.push_back(id);
    return std::move(touched_);
  }

 private:
  void note(SlotId id, bool changed) {
    binding_->slots.push_back(id);
    if (changed) touched_.push_back(id);
  }

  Binder& binder_;
  const std::string* key_;
  Binding* binding_;
  std::vector<SlotId> before_, touched_;
};

Binder::Binder(const Settings& settings, const Intent& intent, Table& table)
    : settings_(settings),
      intent_(intent),
      table_(table),
      names_(settings),
      families_(families_of(settings.private_ip_range)),
      addresses_(settings.private_ip_range, true, settings.address_rest) {}

// --- Units
// ----------------------------------------------------------------------------------------------------------------

std::vector<SlotId> Binder::bind_shared() {
  std::vector<SlotId> touched;
  const auto add = [&](Role role) {
    const Source source{static_cast<std::uint8_t>(role), 0, nullptr};
    const auto object = object_of(source);
    const auto id = table_.slot(object.type, object.fq_name);
    table_[id].shared = true;
    table_[id].adoptable = role == Role::allocation_network;
    if (want(id, source, object)) touched.push_back(id);
  };
  add(Role::allocation_network);
  if (!settings_.public_ip_range.empty()) {
    add(Role::public_network);
    add(Role::public_pool);
  }
  return touched;
}

std::vector<SlotId> Binder::bind(const Unit& unit, Time now) {
  Rebinding out(*this, unit);
  switch (unit.kind) {
    case UnitKind::ns:
      bind_namespace(unit.key, out);
      break;
    case UnitKind::pod:
      bind_pod(unit.key, out, now);
      break;
    case UnitKind::pod_tier:
      bind_pod_tier(unit.key, out);
      break;
    case UnitKind::service_tier:
      bind_service_tier(unit.key, out);
      break;
    case UnitKind::service:
      bind_service(unit.key, out);
      break;
  }
  auto touched = out.finish();
  // An entry that is not wanted keeps no pointer to the unit's name, so the unit may go.
  if (out.binding().slots.empty()) bindings_[static_cast<std::size_t>(unit.kind)].erase(unit.key);
  return touched;
}

void Binder::bind_namespace(const std::string& key, Rebinding& out) {
  if (intent_.ns(key) && names_.project(key) != names_.default_project()) out.object(Role::project);
}

void Binder::bind_pod(const std::string& key, Rebinding& out, Time now) {
  const auto* pod = intent_.pod(key);
  without_address_.erase(key);
  if (!pod) return;
  if (!pod->networked || uid_of_namespace(pod->ns).empty()) {
    if (pod->state) out.text(Home::pod_state, key, Role::none, {});
    return;
  }
  out.object(Role::machine);
  const auto interface = out.object(Role::interface);
  std::vector<Dependency> needed{{interface, false}};
  for (std::uint32_t i = 0; i < families_.size(); ++i) {
    if (!addresses_.choose(Names::address_allocation(pod->uid, families_[i]), families_[i], now)) {
      without_address_.insert(key);
      return;
    }
    const auto allocation = out.object(Role::allocation, i);
    const auto use = out.object(Role::use, i);
    table_[use].reserved_by = allocation;
    needed.push_back({use, false});
  }
  out.text(Home::pod_state, key, Role::pod_state, std::move(needed));
}

void Binder::bind_pod_tier(const std::string& key, Rebinding& out) {
  if (intent_.pod_tier(key) && !uid_of_namespace(ns_of(key)).empty()) out.object(Role::pod_network);
}

void Binder::bind_service_tier(const std::string& key, Rebinding& out) {
  const auto* tier = intent_.service_tier(key);
  if (!tier || uid_of_namespace(tier->ns).empty()) return;
  if (tier->open()) out.object(Role::access_policy);
  if (!tier->addressed) return;
  out.object(Role::service_network);
  out.object(Role::service_pool);
}

void Binder::bind_service(const std::string& key, Rebinding& out) {
  auto& binding = out.binding();
  binding.cluster_addresses.clear();
  const auto* service = intent_.service(key);
  if (!service || uid_of_namespace(service->ns).empty()) {
    binding.public_addresses.clear();
    return;
  }
  for (const auto& address : service->cluster_addresses) binding.cluster_addresses.push_back({address, false});
  binding.public_addresses = name_public_addresses(*service);
  for (std::uint32_t i = 0; i < binding.cluster_addresses.size(); ++i) out.object(Role::cluster_address, i);
  for (std::uint32_t i = 0; i < binding.public_addresses.size(); ++i) out.object(Role::public_address, i);
}

std::vector<SlotId> Binder::bind_backends(const ObjectKey& service, const std::vector<ObjectKey>& moved) {
  std::vector<SlotId> touched;
  const auto* facts = intent_.service(service);
  const auto* binding = find_or_null(bindings_[static_cast<std::size_t>(UnitKind::service)], service);
  if (!facts || !binding) return touched;
  for (const auto id : binding->slots) {
    bool changed = false;
    for (const auto& pod : moved) {
      const auto name = names_.interface(ns_of(pod), name_of(pod));
      const bool in = std::binary_search(facts->backends.begin(), facts->backends.end(), pod);
      changed |= table_.want_reference(id, contrail::Field::interfaces, name, in);
    }
    if (changed) touched.push_back(id);
  }
  return touched;
}

// An address keeps the name of the object that has it, so that nothing is cut by renaming; the short name, where it is
// free, goes to the first.
std::vector<Binder::BoundAddress> Binder::name_public_addresses(const ServiceFacts& service) const {
  auto wanted = service.external_addresses;
  for (const auto& address : service.ingress)
    if (std::find(wanted.begin(), wanted.end(), address) == wanted.end()) wanted.push_back(address);
  std::vector<BoundAddress> out;
  bool short_is_free = true;
  for (const auto& address : wanted) {
    const auto id = table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, address, true));
    const bool has_it = id != no_slot && has_address(table_[id], service, address);
    short_is_free &= !has_it;
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

// --- The table
// ------------------------------------------------------------------------------------------------------------

std::vector<Dependency> Binder::dependencies_of(const Object& object) {
  std::vector<Dependency> out;
  const auto add = [&](Type type, const contrail::FqName& name, bool soft) {
    out.push_back({table_.slot(type, name), soft});
  };
  if (const auto parent = contrail::type_named(contrail::parent_type(object.type)))
    if (const auto name = contrail::parent_of(object.fq_name); !names_.is_shared_project(name))
      add(*parent, name, false);
  for (const auto& reference : object.networks) add(Type::virtual_network, reference.to, false);
  for (const auto& reference : object.machines) add(Type::virtual_machine, reference.to, false);
  for (const auto& reference : object.projects)
    if (!names_.is_shared_project(reference.to)) add(Type::project, reference.to, false);
  for (const auto& reference : object.interfaces)
    add(Type::virtual_machine_interface, reference.to, object.type == Type::floating_ip);
  for (const auto& reference : object.policies) add(Type::network_policy, reference.to, true);
  return out;
}

bool Binder::want(SlotId id, Source source, const Object& object) {
  auto dependencies = dependencies_of(object);
  if (static_cast<Role>(source.role) == Role::use) {
    const auto& pod = *intent_.pod(*source.unit);
    dependencies.push_back(
        {table_.slot(Type::instance_ip, Names::address_allocation(pod.uid, families_[source.index])), false});
  }
  auto atoms = atoms_of(object);
  const auto identity = identity_of(text_of(object.annotations, mark_uid));
  auto& entry = table_[id];
  const bool changed = !entry.wanted || entry.want != atoms || entry.wanted_identity != identity;
  entry.wanted = true;
  entry.source = source;
  if (!changed) return false;
  entry.wanted_uuid = object.uuid;
  entry.wanted_identity = identity;
  entry.want = std::move(atoms);
  entry.dependencies = std::move(dependencies);
  return true;
}

bool Binder::want_text(SlotId id, Source source, std::vector<Dependency> dependencies) {
  auto& entry = table_[id];
  entry.source = source;
  entry.dependencies = std::move(dependencies);
  const auto* pod = intent_.pod(entry.name);
  auto have = pod && pod->state ? digest_atoms(*pod->state) : Atoms{};
  auto wanted = text_atoms(describe_text(id));
  const bool stale =
      pod && pod->resource_version < entry.written;  // our own last write is newer than what the watch has shown
  const bool changed = !entry.wanted || entry.want != wanted || (!stale && entry.have != have);
  entry.wanted = true;
  entry.exists = true;
  entry.want = std::move(wanted);
  if (!stale) entry.have = std::move(have);
  return changed;
}

bool Binder::unwant(SlotId id, const std::string* unit) {
  auto& entry = table_[id];
  if (!entry.wanted || entry.source.unit != unit) return false;
  entry.wanted = false;
  entry.source = {};
  entry.want.clear();
  entry.dependencies.clear();
  entry.conflict = false;
  if (entry.home != Home::config) entry.exists = false;
  return true;
}

SlotId Binder::load(const Object& object) {
  const auto owned = ownership(object.annotations, owner_);
  auto id = table_.find(object.type, object.fq_name);
  // The predecessor named its virtual-machines otherwise, but their uuid is the Pod's: that is enough to know them.
  if (object.type == Type::virtual_machine && owned == Ownership::unmarked && id == no_slot)
    id = table_.find(object.type, object.uuid.text());
  if (id == no_slot) id = table_.slot(object.type, object.fq_name);
  auto& entry = table_[id];
  entry.ownership = owned;
  entry.uuid = object.uuid;
  entry.identity = identity_of(text_of(object.annotations, mark_uid));
  entry.foreign_rules.clear();
  entry.foreign_ipams.clear();
  for (const auto& rule : object.rules)
    if (!rule.plain || rule.sources.size() != 1 || rule.destinations.size() != 1 ||
        rule.uuid != rule_uuid(object.fq_name, rule.sources.front(), rule.destinations.front()))
      entry.foreign_rules.push_back(rule);
  for (auto ipam : object.ipams) {
    std::erase_if(ipam.subnets,
                  [&](const auto& subnet) { return subnet.subnet_uuid == subnet_uuid(object.uuid, subnet.cidr); });
    if (!ipam.subnets.empty()) entry.foreign_ipams.push_back(std::move(ipam));
  }
  const bool allocation = object.networks.size() == 1 && object.networks.front().to == names_.allocation_network();
  if (object.type == Type::instance_ip && !allocation && owned == Ownership::ours && object.address)
    entry.reserved_by = table_.slot(
        Type::instance_ip, Names::address_allocation(text_of(object.annotations, mark_uid), object.address->family));
  name_targets(object);
  table_.set_have(id, true, atoms_of(object));
  if (object.type == Type::instance_ip && object.address && allocation)
    addresses_.hold(object.fq_name, *object.address);
  return id;
}

// Lists come in any order: what an object refers to and what it lies in get their entries now, so that it is counted as
// what keeps them from going.
void Binder::name_targets(const Object& object) {
  if (const auto parent = contrail::type_named(contrail::parent_type(object.type)))
    table_.slot(*parent, contrail::parent_of(object.fq_name));
  for (const auto& reference : object.networks) table_.slot(Type::virtual_network, reference.to);
  for (const auto& reference : object.machines) table_.slot(Type::virtual_machine, reference.to);
  for (const auto& reference : object.interfaces) table_.slot(Type::virtual_machine_interface, reference.to);
  for (const auto& reference : object.projects) table_.slot(Type::project, reference.to);
  for (const auto& reference : object.policies) table_.slot(Type::network_policy, reference.to);
}

void Binder::gone(SlotId id, Time now) {
  const auto& entry = table_[id];
  if (entry.type == Type::instance_ip && !entry.wanted) addresses_.release(entry.name, now);
}

std::optional<Unit> Binder::unit_of(SlotId id) const {
  const auto& source = table_[id].source;
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
      return Unit{UnitKind::service, *source.unit};
    default:
      return Unit{UnitKind::pod, *source.unit};
  }
}

std::vector<SlotId> Binder::addresses_of(SlotId interface) const {
  std::vector<SlotId> out;
  const auto& source = table_[interface].source;
  if (static_cast<Role>(source.role) != Role::interface) return out;
  for (const auto id : bindings_[static_cast<std::size_t>(UnitKind::pod)].find(*source.unit)->second.slots)
    if (table_[id].type == Type::instance_ip) out.push_back(id);
  for (const auto& key : intent_.services_of(intent_.pod(*source.unit)->uid))
    if (const auto* binding = find_or_null(bindings_[static_cast<std::size_t>(UnitKind::service)], key))
      out.insert(out.end(), binding->slots.begin(), binding->slots.end());
  return out;
}

std::vector<SlotId> Binder::address_taken(SlotId id, Time now) {
  const auto& entry = table_[id];
  if (!entry.wanted || static_cast<Role>(entry.source.role) != Role::allocation) return {};
  const auto* pod = intent_.pod(*entry.source.unit);
  if (const auto address = addresses_.of(entry.name)) addresses_.refuse(entry.name, *address);
  return bind({UnitKind::pod, tier_key(pod->ns, pod->name)}, now);
}

// --- Objects
// --------------------------------------------------------------------------------------------------------------

std::string_view Binder::uid_of_namespace(std::string_view ns) const {
  const auto* facts = intent_.ns(ns);
  return facts ? std::string_view(facts->uid) : std::string_view();
}

Object Binder::describe(SlotId id) const {
  const auto& entry = table_[id];
  auto object = object_of(entry.source);
  if (!entry.wanted) object.type = entry.type, object.fq_name = entry.name;
  if (entry.exists) object.uuid = entry.uuid;
  for (auto& ipam : object.ipams)
    for (auto& subnet : ipam.subnets) subnet.subnet_uuid = subnet_uuid(object.uuid, subnet.cidr);
  for (const auto& foreign : entry.foreign_rules) {
    // Somebody wrote the very rule that we want: his stays, a second one would be refused.
    std::erase_if(object.rules, [&](const auto& rule) {
      return rule.sources == foreign.sources && rule.destinations == foreign.destinations;
    });
    object.rules.push_back(foreign);
  }
  for (const auto& foreign : entry.foreign_ipams) {
    // Likewise a range that is there under another id.
    for (auto& ipam : object.ipams)
      std::erase_if(ipam.subnets, [&](const auto& subnet) {
        return std::any_of(foreign.subnets.begin(), foreign.subnets.end(),
                           [&](const auto& other) { return other.cidr == subnet.cidr; });
      });
    const auto same =
        std::find_if(object.ipams.begin(), object.ipams.end(), [&](const auto& ipam) { return ipam.to == foreign.to; });
    if (same == object.ipams.end())
      object.ipams.push_back(foreign);
    else
      same->subnets.insert(same->subnets.end(), foreign.subnets.begin(), foreign.subnets.end());
  }
  return object;
}

Object Binder::object_of(Source source) const {
  const auto role = static_cast<Role>(source.role);
  switch (role) {
    case Role::allocation_network:
    case Role::public_network:
    case Role::public_pool:
      return shared_object(role);
    case Role::project: {
      const auto& ns = *intent_.ns(*source.unit);
      return base(Type::project, names_.project(ns.name), uuid_of_uid(ns.uid), "Namespace", ns.uid, ns.name);
    }
    case Role::pod_network:
    case Role::service_network:
    case Role::service_pool:
      return tier_network(role, *source.unit);
    case Role::access_policy:
      return policy(*intent_.service_tier(*source.unit));
    case Role::machine:
    case Role::interface:
    case Role::allocation:
    case Role::use:
      return pod_object(role, source.index, *intent_.pod(*source.unit));
    case Role::cluster_address:
    case Role::public_address: {
      const auto& binding = bindings_[static_cast<std::size_t>(UnitKind::service)].find(*source.unit)->second;
      return floating_ip(*intent_.service(*source.unit), binding, role == Role::public_address, source.index);
    }
    case Role::none:
    case Role::pod_state:
      break;
  }
  return {};
}

Object Binder::base(Type type, contrail::FqName name, const contrail::Uuid& uuid, std::string_view kind,
                    std::string_view uid, std::string_view object) const {
  Object out;
  out.type = type;
  out.uuid = uuid;
  out.fq_name = std::move(name);
  out.annotations = mark(owner_, kind, uid, object);
  return out;
}

Object Binder::shared_object(Role role) const {
  const bool allocation = role == Role::allocation_network;
  const bool pool = role == Role::public_pool;
  const auto& network = allocation ? names_.allocation_network() : names_.public_network();
  Object out;
  out.type = pool ? Type::floating_ip_pool : Type::virtual_network;
  out.fq_name = pool ? Names::pool(network) : network;
  out.uuid = derived_uuid(out.type, "", out.fq_name);
  out.annotations = shared_mark(owner_,
                                allocation ? "AddressAllocation"
                                : pool     ? "PublicPool"
                                           : "PublicNetwork",
                                out.fq_name);
  if (!pool) add_subnets(out, allocation ? settings_.private_ip_range : settings_.public_ip_range, false);
  return out;
}

void Binder::add_subnets(Object& network, const std::vector<contrail::Cidr>& ranges, bool reserve_nothing) const {
  contrail::IpamReference ipam;
  ipam.to = Names::ipam();
  for (const auto& cidr : ranges) {
    contrail::Subnet subnet;
    subnet.cidr = cidr;
    subnet.subnet_uuid = subnet_uuid(network.uuid, cidr);
    if (reserve_nothing) {
      contrail::IpAddress none;
      none.family = cidr.base.family;
      subnet.gateway = none;
      subnet.dns = none;
    }
    ipam.subnets.push_back(std::move(subnet));
  }
  network.ipams.push_back(std::move(ipam));
}

void Binder::add_policies(Object& network, const std::vector<TierKey>& service_tiers) const {
  for (const auto& key : service_tiers) {
    contrail::PolicyReference reference;
    reference.to = names_.access_policy(ns_of(key), name_of(key));
    reference.sequence = contrail::Sequence{};
    network.policies.push_back(std::move(reference));
  }
}

Object Binder::tier_network(Role role, const std::string& key) const {
  const auto ns = ns_of(key), tier = name_of(key);
  const auto uid = uid_of_namespace(ns);
  const bool pods = role == Role::pod_network;
  const auto network = pods ? names_.pod_network(ns, tier) : names_.service_network(ns, tier);
  const auto kind = pods ? "PodTier" : role == Role::service_pool ? "ServicePool" : "ServiceTier";
  const auto type = role == Role::service_pool ? Type::floating_ip_pool : Type::virtual_network;
  const auto name = role == Role::service_pool ? Names::pool(network) : network;
  auto out = base(type, name, derived_uuid(type, uid, name), kind, uid, key);
  if (role == Role::service_pool) return out;
  add_subnets(out, pods ? settings_.private_ip_range : settings_.service_cluster_ip_range, !pods);
  if (pods) {
    add_policies(out, intent_.attached(*intent_.pod_tier(key)));
  } else if (const auto* facts = intent_.service_tier(key); facts->open()) {
    add_policies(out, {key});
  }
  return out;
}

std::vector<contrail::FqName> Binder::networks_of(const TierSet& pod_tiers) const {
  std::vector<contrail::FqName> out;
  out.reserve(pod_tiers.size());
  for (const auto& key : pod_tiers) out.push_back(names_.pod_network(ns_of(key), name_of(key)));
  return out;
}

Object Binder::policy(const ServiceTierFacts& tier) const {
  const auto uid = uid_of_namespace(tier.ns);
  const auto name = names_.access_policy(tier.ns, tier.tier);
  auto out = base(Type::network_policy, name, derived_uuid(Type::network_policy, uid, name), "AccessPolicy", uid,
                  tier_key(tier.ns, tier.tier));
  auto destinations = networks_of(tier.headless_backends);
  if (tier.addressed) destinations.insert(destinations.begin(), names_.service_network(tier.ns, tier.tier));
  for (const auto& source : networks_of(tier.users))
    for (const auto& destination : destinations) {
      if (source == destination) continue;  // inside one network everybody reaches everybody
      contrail::Rule rule;
      rule.uuid = rule_uuid(name, source, destination);
      rule.sources = {source};
      rule.destinations = {destination};
      out.rules.push_back(std::move(rule));
    }
  return out;
}

Object Binder::pod_object(Role role, std::uint32_t index, const PodFacts& pod) const {
  const auto key = tier_key(pod.ns, pod.name);
  const auto made = [&](Type type, contrail::FqName name, const contrail::Uuid& uuid) {
    return base(type, std::move(name), uuid, "Pod", pod.uid, key);
  };
  if (role == Role::machine) {
    auto out = made(Type::virtual_machine, pod.uid, uuid_of_uid(pod.uid));
    out.display_name = pod.name;
    return out;
  }
  const contrail::Reference network{names_.pod_network(pod.ns, pod.tier), {}};
  const auto interface = names_.interface(pod.ns, pod.name);
  if (role == Role::interface) {
    auto out = made(Type::virtual_machine_interface, interface,
                    derived_uuid(Type::virtual_machine_interface, pod.uid, "interface"));
    out.networks = {network};
    out.machines = {{pod.uid, {}}};
    const auto id = table_.find(Type::virtual_machine_interface, interface);
    out.mac = mac_of(id != no_slot && table_[id].exists && table_[id].identity == identity_of(pod.uid) ? table_[id].uuid
                                                                                                       : out.uuid);
    return out;
  }
  const auto family = families_[index];
  const auto allocation = Names::address_allocation(pod.uid, family);
  const std::string suffix = family == contrail::Family::v6 ? " v6" : " v4";
  const bool use = role == Role::use;
  auto out = made(Type::instance_ip, use ? names_.address_use(pod.ns, pod.name, family) : allocation,
                  derived_uuid(Type::instance_ip, pod.uid, (use ? "use" : "allocation") + suffix));
  out.address = addresses_.of(allocation);
  out.networks = {use ? network : contrail::Reference{names_.allocation_network(), {}}};
  if (use) {
    out.interfaces = {{interface, {}}};
    out.instance_ip_mode = "active-active";
  }
  return out;
}

Object Binder::floating_ip(const ServiceFacts& service, const Binding& binding, bool is_public,
                           std::uint32_t index) const {
  const auto& bound = (is_public ? binding.public_addresses : binding.cluster_addresses)[index];
  const auto& address = bound.address;
  auto name = is_public ? names_.public_address(service.ns, service.name, address, bound.short_name)
                        : names_.cluster_address(service.ns, service.tier, service.name, address.family, index > 0);
  auto out = base(Type::floating_ip, std::move(name), derived_uuid(Type::floating_ip, service.uid, address.text()),
                  "Service", service.uid, tier_key(service.ns, service.name));
  out.address = address;
  out.traffic_direction = "ingress";
  out.projects = {{is_public ? contrail::parent_of(names_.public_network()) : names_.project(service.ns), {}}};
  out.port_mappings = service.mappings;
  out.port_mappings_enable = !service.mappings.empty();
  for (const auto& pod : service.backends) out.interfaces.push_back({names_.interface(ns_of(pod), name_of(pod)), {}});
  return out;
}

std::string Binder::describe_text(SlotId id) const {
  const auto& entry = table_[id];
  if (static_cast<Role>(entry.source.role) != Role::pod_state) return {};
  const auto& pod = *intent_.pod(*entry.source.unit);
  const auto interface = object_of({static_cast<std::uint8_t>(Role::interface), 0, entry.source.unit});
  const auto slot = table_.find(Type::virtual_machine_interface, interface.fq_name);
  PodState state;
  state.interface =
      table_[slot].exists && table_[slot].identity == identity_of(pod.uid) ? table_[slot].uuid : interface.uuid;
  state.mac = interface.mac;
  for (const auto family : families_) {
    const auto address = addresses_.of(Names::address_allocation(pod.uid, family));
    if (!address) continue;
    state.addresses.push_back(*address);
    for (const auto& range : settings_.private_ip_range)
      if (state.addresses.size() == 1 && range.contains(*address)) state.gateway = gateway_of(range);
  }
  return render(state);
}

}  // namespace knm
