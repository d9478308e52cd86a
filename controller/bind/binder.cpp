#include "controller/bind/binder.hpp"

#include <algorithm>
#include <utility>

#include "controller/bind/namespace_uid.hpp"
#include "controller/bind/rebinding.hpp"

namespace knm {
namespace {

using contrail::Object;
using contrail::Type;

}  // namespace

Binder::Binder(const Settings& settings, const Intent& intent, Table& table)
    : intent_(intent),
      table_(table),
      names_(settings),
      addresses_(settings),
      ranges_(settings, names_, table),
      load_balancers_(settings, names_, intent, table,
                      [this](const auto& address) { return ranges_.refuse_public(address); }),
      loader_(settings, intent, table, names_, addresses_, ranges_, load_balancers_),
      policies_(static_cast<std::size_t>(settings.policy_size_limit)),
      bindings_(intent, table, names_),
      bodies_(settings, intent, table, names_, bindings_, addresses_, ranges_, load_balancers_, loader_.adopted(),
              ObjectRenderer(settings, names_, loader_.owners())) {}

// --- Units

std::vector<SlotId> Binder::bind_shared() {
  std::vector<SlotId> touched;
  const auto add = [&](Role role) {
    const Source source{static_cast<std::uint8_t>(role), 0, nullptr};
    const auto object = bodies_.from(source);
    const auto id = table_.slot(object.type, object.fq_name);
    const bool own = role == Role::public_ipam;
    table_[id].set_sharing(!own, own || role == Role::allocation_network);
    if (want(id, source, object)) touched.push_back(id);
  };
  const auto drop = [&](Type type, const contrail::FqName& name) {
    if (const auto id = table_.find(type, name); id != no_slot && release(id, nullptr)) touched.push_back(id);
  };
  add(Role::allocation_network);
  if (ranges_.needs_public_network())
    add(Role::public_network);
  else
    drop(Type::virtual_network, names_.public_network());
  if (ranges_.needs_public_pool()) add(Role::public_pool);
  if (ranges_.needs_public_ipam())
    add(Role::public_ipam);
  else
    drop(Type::network_ipam, names_.public_ipam());
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
      bind_service(unit.key, out, now);
      break;
    case UnitKind::external_network:
      bind_external(unit.key, out);
      break;
  }
  auto touched = out.finish();
  if (unit.kind == UnitKind::service_tier || unit.kind == UnitKind::external_network) remember_users(unit);
  // An entry that is not desired keeps no pointer to the unit's name, so the unit may be erased.
  if (out.binding().slots.empty()) bindings_.erase(unit);
  return touched;
}

void Binder::bind_namespace(const std::string& key, Rebinding& out) {
  if (intent_.ns(key) && names_.project(key) != names_.default_project()) out.object(Role::project);
}

void Binder::bind_pod(const std::string& key, Rebinding& out, Time now) {
  const auto* pod = intent_.pod(key);
  if (!pod) return addresses_.forget(key);
  addresses_.forget_need(key);
  if (!pod->has_network) {
    if (pod->state) out.text(TargetApi::pod_state, Role::none, {});
    return;
  }
  // If a list does not show the Namespace, its Pods stay as they are, and so does the annotation.
  if (uid_of_namespace(intent_, pod->ns).empty()) return;
  table_[out.object(Role::virtual_machine)].share_name(pod->uid);
  const auto interface = out.object(Role::interface);
  std::vector<Dependency> needed{{interface, false}};
  for (std::uint32_t i = 0; i < addresses_.families().size(); ++i) {
    const auto choice = addresses_.choose(key, pod->uid, i, now);
    if (choice == PodAddresses::Choice::by_server) {
      table_[out.object(Role::reservation, i)].share_name(pod->uid);
      if (pod->state) out.text(TargetApi::pod_state, Role::none, {});
      return;
    }
    if (choice == PodAddresses::Choice::exhausted) {
      if (i > 0) continue;  // a second address is optional
      if (pod->state) out.text(TargetApi::pod_state, Role::none, {});
      return;
    }
    const auto reservation = out.object(Role::reservation, i);
    if (reservation != no_slot) table_[reservation].share_name(pod->uid);
    const auto instance_ip = out.object(Role::instance_ip, i);
    table_[instance_ip].reserve_for(reservation);
    needed.push_back({instance_ip, false});
  }
  out.text(TargetApi::pod_state, Role::pod_state, std::move(needed));
}

void Binder::bind_pod_tier(const std::string& key, Rebinding& out) {
  if (intent_.pod_tier(key) && !uid_of_namespace(intent_, ns_of(key)).empty()) out.object(Role::pod_network);
}

void Binder::bind_service_tier(const std::string& key, Rebinding& out) {
  const Unit unit{UnitKind::service_tier, key};
  policies_.forget_left_out(unit);
  if (uid_of_namespace(intent_, ns_of(key)).empty()) return;
  const auto* tier = intent_.service_tier(key);
  if (tier && tier->open()) {
    const auto policy = out.object(Role::access_policy);
    note_destinations(unit, policy);
    policies_.note_left_out(unit, tier->users, tier->headless_backends,
                            tier->addressed || !tier->external.empty() ? 1 : 0, table_[policy].cold().addresses);
  }
  const auto network = bodies_.service_network(key);
  if (tier && tier->addressed) {
    out.object(Role::service_network);
    out.object(Role::service_pool);
  } else if (network != no_slot && table_[network].is_retained()) {
    out.object(Role::service_network);
  }
}

// A network of another client gets an entry for this unit; the network of a tier has an entry already, which contains
// the policies.
void Binder::bind_external(const std::string& key, Rebinding& out) {
  const auto* facts = intent_.outside(key);
  const Unit unit{UnitKind::external_network, key};
  policies_.forget_left_out(unit);
  if (const auto id = table_.find(Type::virtual_network, key);
      id != no_slot && table_[id].is_desired() && static_cast<Role>(table_[id].source().role) != Role::external_network)
    out.refresh(id);
  else if (facts && (!facts->tiers.empty() || !facts->services.empty()))
    out.object(Role::external_network);
  if (facts && !facts->tiers.empty()) {
    const auto policy = out.object(Role::global_policy);
    note_destinations(unit, policy);
    policies_.note_left_out(unit, facts->tiers, {}, 1, table_[policy].cold().addresses);
  }
}

// --- Policies

void Binder::note_destinations(const Unit& unit, SlotId policy) {
  std::vector<SlotId> networks;
  if (const auto connection = bodies_.connection_of(unit))
    for (const auto& name : connection->destinations) networks.push_back(table_.slot(Type::virtual_network, name));
  table_[policy].lead_to(std::move(networks));
}

void Binder::remember_users(const Unit& unit) {
  const auto connection = bodies_.connection_of(unit);
  if (!connection || !PolicyBook::is_worth_remembering(connection->users->size())) return policies_.forget(unit);
  policies_.remember(unit, bodies_.pod_networks(*connection->users), connection->destinations,
                     bodies_.is_bundled(connection->policy), intent_.round());
}

std::vector<SlotId> Binder::bind_users(const Unit& unit, const std::set<TierKey>& moved, Time now) {
  const auto connection = policies_.knows(unit) ? bodies_.connection_of(unit) : std::nullopt;
  const auto id = connection ? table_.find(Type::network_policy, connection->policy) : no_slot;
  if (id == no_slot || unit_of(id) != unit) return bind(unit, now);
  if (!policies_.begin_round(unit, intent_.round())) return {};
  std::vector<PolicyUsers::Move> moves;
  moves.reserve(moved.size());
  for (const auto& tier : moved)
    moves.emplace_back(names_.pod_network(ns_of(tier), name_of(tier)), connection->users->contains(tier));
  auto change = policies_.move(unit, moves, connection->destinations);
  if (!change) return bind(unit, now);
  auto& entry = table_[id];
  entry.change_desired(change->in, std::move(change->out), change->addresses);
  return {id};
}

// --- The table

std::vector<Dependency> Binder::dependencies_of(const Object& object) {
  std::vector<Dependency> out;
  const auto add = [&](Type type, const contrail::FqName& name, bool soft) {
    out.push_back({table_.slot(type, name), soft});
  };
  if (const auto parent = contrail::type_named(contrail::parent_type(object.type)))
    if (const auto name = contrail::parent_of(object.fq_name); !names_.is_shared_project(name)) {
      // Another client may create the project of a global network; a policy waits for the project of a Namespace.
      const bool elsewhere = text_of(object.annotations, annotation_kind) == kind_global_policy &&
                             text_of(object.annotations, annotation_uid) == loader_.owners().uid();
      add(*parent, name, elsewhere);
    }
  for (const auto& reference : object.networks) add(Type::virtual_network, reference.to, false);
  for (const auto& reference : object.machines) add(Type::virtual_machine, reference.to, false);
  for (const auto& reference : object.projects)
    if (!names_.is_shared_project(reference.to)) add(Type::project, reference.to, false);
  for (const auto& reference : object.interfaces)
    add(Type::virtual_machine_interface, reference.to, object.type == Type::floating_ip);
  for (const auto& reference : object.policies) add(Type::network_policy, reference.to, true);
  for (const auto& ipam : object.ipams)
    if (ipam.to == names_.public_ipam()) add(Type::network_ipam, ipam.to, false);
  return out;
}

bool Binder::want(SlotId id, Source source, const Object& object) {
  auto dependencies = dependencies_of(object);
  if (static_cast<Role>(source.role) == Role::instance_ip) {
    const auto& pod = *intent_.pod(*source.unit);
    dependencies.push_back(
        {table_.slot(Type::instance_ip, Names::address_allocation(pod.uid, addresses_.families()[source.index])),
         false});
  }
  // Objects outside the Namespace's project wait for it too: if it is foreign, none are created.
  if (const auto role = static_cast<Role>(source.role);
      role == Role::virtual_machine || role == Role::reservation || role == Role::public_address)
    dependencies.push_back({table_.slot(Type::project, names_.project(ns_of(*source.unit))), false});
  Desire desire;
  desire.fields = desired_digests(object);
  desire.ids = {object.uuid, identity_of(text_of(object.annotations, annotation_uid))};
  desire.dependencies = std::move(dependencies);
  for (const auto& rule : object.rules) desire.addresses += static_cast<std::uint32_t>(rule.sources.size());
  desire.external = static_cast<Role>(source.role) == Role::external_network;
  return table_[id].want(source, std::move(desire));
}

bool Binder::see_text(Entry& entry) {
  FieldDigests have;
  bool stale = false;
  if (entry.target_api() == TargetApi::service_status) {
    if (const auto* service = intent_.service(entry.name())) {
      have = digests_of_text(service->status);
      stale = service->resource_version < entry.confirmed_at();
    }
  } else if (const auto* pod = intent_.pod(entry.name())) {
    if (pod->state) have = digests_of_digest(*pod->state);
    stale = pod->resource_version < entry.confirmed_at();
  }
  return entry.observe_text(stale ? entry.observed() : std::move(have));
}

bool Binder::want_text(SlotId id, Source source, std::vector<Dependency> dependencies) {
  auto& entry = table_[id];
  const bool changed = entry.want_text(source, digests_of_text(bodies_.text_from(source)), std::move(dependencies));
  return see_text(entry) || changed;
}

std::vector<SlotId> Binder::reread_text(const Unit& pod, Time now) {
  const auto id = bindings_.pod_state(pod.key);
  const bool has_all = id != no_slot && table_[id].is_desired() && !addresses_.without_address().contains(pod.key) &&
                       static_cast<Role>(table_[id].source().role) == Role::pod_state;
  if (!has_all) return bind(pod, now);
  return see_text(table_[id]) ? std::vector{id} : std::vector<SlotId>{};
}

bool Binder::release(SlotId id, const PackedText* unit) {
  auto& entry = table_[id];
  if (!entry.is_desired() || entry.source().unit != unit) return false;
  const bool is_nameless = unit && (entry.type() == Type::virtual_machine || entry.type() == Type::instance_ip) &&
                           names_.namespace_in(entry.type(), entry.name()).empty();
  entry.release(is_nameless ? PackedText(ns_of(*unit)) : PackedText());
  return true;
}

void Binder::status_written(SlotId id) {
  if (table_[id].target_api() == TargetApi::service_status) load_balancers_.status_written(table_[id].name());
}

std::optional<Unit> Binder::address_refused(SlotId id, bool taken, Time now) {
  const auto& entry = table_[id];
  if (!entry.is_desired()) return std::nullopt;
  const auto role = static_cast<Role>(entry.source().role);
  auto unit = unit_of(id);
  if (role == Role::public_address) {
    const auto address = bodies_.from(entry.source()).address.value();
    return load_balancers_.refused(*intent_.service(unit->key), address, taken, now) ? unit : std::nullopt;
  }
  if (role != Role::reservation) return std::nullopt;
  addresses_.refuse(entry.name(), now);
  return unit;
}

}  // namespace knm
