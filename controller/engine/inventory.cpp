#include "controller/engine/inventory.hpp"

#include <algorithm>

namespace knm {
namespace {

using contrail::Type;

// How many ids go into one request: 37 bytes each, well below the server's limit of 1,024,000 bytes a body.
constexpr std::size_t ids_per_request = 1000;
// Names go into the URL, which servers limit to some thousand bytes.
constexpr std::size_t names_per_request = 20;

bool is_global_policy(std::string_view name) { return contrail::last_of(std::string(name)).starts_with("__net_"); }

bool contains(const auto& list, const auto& value) { return std::find(list.begin(), list.end(), value) != list.end(); }

// Whether a policy connects networks of its project to a network in another one.
bool reaches_outside(const contrail::Object& policy) {
  const auto project = contrail::parent_of(policy.fq_name);
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const auto& rule) {
    return std::any_of(rule.destinations.begin(), rule.destinations.end(),
                       [&](const auto& network) { return contrail::parent_of(network) != project; });
  });
}

}  // namespace

Inventory::Inventory(Engine& engine, From from) : engine_(engine), from_(from), mark_(engine.write_mark()) {
  for (auto& network : engine.intent().external_networks()) external_names_.insert(std::move(network));
  for (const auto& network : engine.settings().global_network)
    global_policies_.insert(engine.binder().names().global_policy(network));
}

// An object comes after those by which it is in scope.
std::vector<contrail::watch::Subscription> Inventory::subscriptions() const {
  std::vector<contrail::watch::Subscription> out;
  for (const auto type :
       {Type::project, Type::network_policy, Type::virtual_network, Type::network_ipam, Type::floating_ip_pool,
        Type::virtual_machine, Type::virtual_machine_interface, Type::instance_ip, Type::floating_ip})
    out.push_back({type, contrail::fields_of(type), wanted(type)});
  return out;
}

// Whether an inventory from lists would list the object.
bool Inventory::is_in_scope(const contrail::Object& object) const {
  switch (object.type) {
    case Type::virtual_machine_interface:
      return our_projects_.contains(object.parent_uuid);
    case Type::network_ipam:
      return contains(shared_projects_, object.parent_uuid);
    case Type::floating_ip_pool:
      return listed_.contains(object.parent_uuid);
    case Type::instance_ip:
      return std::any_of(object.networks.begin(), object.networks.end(),
                         [&](const auto& network) { return listed_.contains(network.uuid); });
    case Type::floating_ip:
      return listed_.contains(object.parent_uuid);
    default:
      return true;
  }
}

void Inventory::add_listings(Type type, const std::vector<contrail::Uuid>& ids, Scope scope,
                             std::vector<Listing>& out) const {
  add_listings(type, ids, scope, contrail::fields_of(type), out);
}

void Inventory::add_listings(Type type, const std::vector<contrail::Uuid>& ids, Scope by,
                             const std::vector<contrail::Field>& fields, std::vector<Listing>& out) const {
  for (std::size_t from = 0; from < ids.size(); from += ids_per_request) {
    const auto to = std::min(ids.size(), from + ids_per_request);
    contrail::ListScope scope;
    auto& part = by == Scope::parents           ? scope.parents
                 : by == Scope::back_references ? scope.back_references
                                                : scope.uuids;
    part.assign(ids.begin() + static_cast<std::ptrdiff_t>(from), ids.begin() + static_cast<std::ptrdiff_t>(to));
    out.push_back({type, contrail::list(type, scope, fields)});
  }
}

std::vector<Inventory::Listing> Inventory::next_stage() {
  std::vector<Listing> out;
  switch (stage_++) {
    case 0:
      out.push_back({Type::project, contrail::list(Type::project, {}, contrail::fields_of(Type::project))});
      break;
    case 1: {
      auto parents = projects_;
      add_listings(Type::network_policy, parents, Scope::parents, out);
      add_listings(Type::virtual_machine_interface, parents, Scope::parents, out);
      parents.insert(parents.end(), shared_projects_.begin(), shared_projects_.end());
      add_listings(Type::virtual_network, parents, Scope::parents, out);
      add_listings(Type::network_ipam, shared_projects_, Scope::parents, out);
      const std::vector<contrail::FqName> names(external_names_.begin(), external_names_.end());
      for (std::size_t from = 0; from < names.size(); from += names_per_request) {
        const auto to = std::min(names.size(), from + names_per_request);
        const std::vector<contrail::FqName> part(names.begin() + static_cast<std::ptrdiff_t>(from),
                                                 names.begin() + static_cast<std::ptrdiff_t>(to));
        out.push_back({Type::virtual_network,
                       contrail::list_named(Type::virtual_network, part, contrail::fields_of(Type::virtual_network))});
      }
      // The owner is enough here, since foreign rules may be many. Later the table knows the owned ones.
      if (!engine_.running())
        add_listings(Type::network_policy, other_projects_, Scope::parents, {contrail::Field::annotations}, out);
      else
        policies_elsewhere_ = known_elsewhere();
      out.push_back({Type::virtual_machine,
                     contrail::list(Type::virtual_machine, {}, contrail::fields_of(Type::virtual_machine))});
      break;
    }
    case 2:
      add_listings(Type::floating_ip_pool, networks_, Scope::parents, out);
      add_listings(Type::instance_ip, networks_, Scope::back_references, out);
      add_listings(Type::network_policy, policies_elsewhere_, Scope::uuids, out);
      policies_of_outside_.insert(policies_of_outside_.end(), policies_elsewhere_.begin(), policies_elsewhere_.end());
      add_listings(Type::virtual_network, policies_of_outside_, Scope::back_references, out);
      break;
    case 3:
      add_listings(Type::floating_ip, pools_, Scope::parents, out);
      break;
    default:
      return {};
  }
  // A stage may need no request, and a later one may.
  return out.empty() ? next_stage() : out;
}

bool Inventory::is_ours(const contrail::Object& project) const {
  const auto& binder = engine_.binder();
  if (project.fq_name == binder.names().default_project()) return false;
  if (binder.owners().of(project.annotations) == Ownership::owned) return true;
  const auto ns = binder.names().namespace_of(project.fq_name);
  return ns && engine_.intent().ns(*ns);
}

void Inventory::add(const contrail::Object& object) {
  if (from_ == From::stream && !is_in_scope(object)) return;
  const auto& names = engine_.binder().names();
  // A stream shows the networks and policies of the whole region: those functions count what they keep.
  const bool is_counted_later =
      from_ == From::stream && (object.type == Type::virtual_network || object.type == Type::network_policy);
  if (!is_counted_later) engine_.count(object);
  const auto owned = engine_.binder().owners().of(object.annotations);
  switch (object.type) {
    case Type::project:
      if (!is_ours(object) && !was_ours(object)) {
        if (names.is_shared_project(object.fq_name)) shared_projects_.push_back(object.uuid);
        other_projects_.push_back(object.uuid);
        return;
      }
      projects_.push_back(object.uuid);
      our_projects_.insert(object.uuid);
      break;
    case Type::virtual_network:
      return add_network(object);
    case Type::network_policy:
      return add_policy(object);
    case Type::network_ipam:
      if (owned != Ownership::owned && object.fq_name != names.public_ipam()) return;
      break;
    case Type::virtual_machine:
      if (owned != Ownership::owned && (owned != Ownership::unowned || !engine_.wants_machine(object.uuid))) return;
      break;
    case Type::floating_ip_pool:
      from_ == From::lists ? pools_.push_back(object.uuid) : void(listed_.insert(object.uuid));
      break;
    case Type::floating_ip: {
      const auto pool = contrail::parent_of(object.fq_name);
      const bool is_public = pool == Names::pool(names.public_network());
      const auto project = contrail::parent_of(contrail::parent_of(pool));
      if (!is_public && names.is_shared_project(project) && owned != Ownership::owned) return;
      if (is_public && owned != Ownership::owned && owned != Ownership::unowned) return;
      break;
    }
    default:
      break;
  }
  load(object);
}

void Inventory::add(const contrail::Unreadable& object) {
  if (object.part.uuid.is_nil() || object.part.fq_name.empty()) knows_all_unreadable_ = false;
  if (object.part.uuid.is_nil()) return;
  unreadable_.insert(object.part.uuid);
  in_part_ = true;
  add(object.part);
  in_part_ = false;
}

bool Inventory::was_ours(const contrail::Object& object) const {
  const auto id = in_part_ ? engine_.table().find(object.type, object.fq_name) : no_slot;
  if (id == no_slot) return false;
  const auto& entry = engine_.table()[id];
  return entry.exists() && !entry.is_external() && (entry.is_desired() || entry.ownership() == Ownership::owned);
}

void Inventory::load(const contrail::Object& object) {
  if (!in_part_) engine_.load(object, mark_);
}

void Inventory::keep_unreadable() {
  if (unreadable_.empty() && knows_all_unreadable_) return;
  const auto& table = engine_.table();
  for (SlotId id = 0; id < table.size(); ++id)
    if (table[id].target_api() == TargetApi::config && table[id].exists() &&
        (!knows_all_unreadable_ || unreadable_.contains(table[id].uuid())))
      engine_.keep(id, mark_);
}

contrail::ListParser::Filter Inventory::wanted(Type type) const {
  if (type != Type::virtual_machine) return {};
  return [&engine = engine_](const contrail::Uuid& uuid, const contrail::Annotations& annotations) {
    const auto* owner = annotations.find(annotation_owner);
    return owner ? engine.binder().owners().has_our_name(*owner) : engine.wants_machine(uuid);
  };
}

void Inventory::add_network(const contrail::Object& network) {
  const auto& names = engine_.binder().names();
  // A shared network besides these may be a public network that the configuration named before.
  const auto& owners = engine_.binder().owners();
  const bool shared_by_us = network.annotations.contains(user_key(owners.ours()));
  const bool ours_to_list = our_projects_.contains(network.parent_uuid) || shared_by_us || was_ours(network) ||
                            network.fq_name == names.allocation_network() || network.fq_name == names.public_network();
  const bool outside = external_names_.contains(network.fq_name);
  const bool by_reference = is_by_reference(network);
  if (!ours_to_list && !outside && !by_reference) return;
  if (outside) external_[network.fq_name] = owners.of(network.annotations);
  const bool twice = outside && contains(networks_, network.uuid);  // by its project, and by its name
  if (from_ == From::stream) {
    if (ours_to_list) listed_.insert(network.uuid);
  } else if (ours_to_list && !by_reference && !twice) {
    networks_.push_back(network.uuid);
  }
  if (from_ == From::stream) engine_.count(network);
  load(network);
}

// Whether it is read because it refers to an owned policy.
bool Inventory::is_by_reference(const contrail::Object& network) const {
  if (from_ == From::lists) return stage_ > 2;
  return std::any_of(network.policies.begin(), network.policies.end(),
                     [&](const auto& policy) { return listed_.contains(policy.uuid); });
}

void Inventory::add_policy(const contrail::Object& policy) {
  const bool ours = engine_.binder().owners().of(policy.annotations) == Ownership::owned;
  const bool elsewhere = !our_projects_.contains(policy.parent_uuid);
  const bool concerns_us = ours || global_policies_.contains(policy.fq_name);
  if (elsewhere && from_ == From::stream) {
    if (!concerns_us) return;
    listed_.insert(policy.uuid);
  } else if (elsewhere && stage_ <= 2) {
    if (concerns_us) policies_elsewhere_.push_back(policy.uuid);
    return;
  }
  if (ours && !elsewhere) {
    // A policy to be deleted may be blocked by a network that is not known.
    const auto id = engine_.running() ? engine_.table().find(Type::network_policy, policy.fq_name) : no_slot;
    const bool unwanted = id != no_slot && !engine_.table()[id].is_desired();
    if (unwanted || in_part_ || is_global_policy(policy.fq_name) || reaches_outside(policy))
      from_ == From::lists ? policies_of_outside_.push_back(policy.uuid) : void(listed_.insert(policy.uuid));
  }
  if (from_ == From::stream) engine_.count(policy);
  load(policy);
}

// The owned policies in projects that are not owned.
std::vector<contrail::Uuid> Inventory::known_elsewhere() const {
  std::vector<contrail::Uuid> out;
  const auto& table = engine_.table();
  for (SlotId id = 0; id < table.size(); ++id) {
    const auto& entry = table[id];
    if (entry.type() != Type::network_policy || !entry.exists() || !is_global_policy(entry.name().view())) continue;
    const auto project = table.find(Type::project, contrail::parent_of(contrail::FqName(entry.name().view())));
    const bool listed = project != no_slot && table[project].exists() && our_projects_.contains(table[project].uuid());
    if (!listed) out.push_back(entry.uuid());
  }
  return out;
}

void Inventory::finish(Time now) {
  for (const auto& network : external_names_) {
    const auto found = external_.find(network);
    engine_.see_external_network(network, found == external_.end() ? std::nullopt : std::optional(found->second));
  }
  keep_unreadable();
  const bool is_audit = from_ == From::lists && engine_.running();
  engine_.loaded(mark_, now);
  if (is_audit) engine_.audited(now);
}

}  // namespace knm
