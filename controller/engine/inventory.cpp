#include "controller/engine/inventory.hpp"

#include <algorithm>

namespace knm {
namespace {

using contrail::Type;

// How many ids go into one request: 37 bytes each, well below the server's limit of 1,024,000 bytes a body.
constexpr std::size_t ids_per_request = 1000;

}  // namespace

void Inventory::add_listings(Type type, const std::vector<contrail::Uuid>& ids, bool back_references,
                             std::vector<Listing>& out) const {
  for (std::size_t from = 0; from < ids.size(); from += ids_per_request) {
    const auto to = std::min(ids.size(), from + ids_per_request);
    contrail::ListScope scope;
    auto& part = back_references ? scope.back_references : scope.parents;
    part.assign(ids.begin() + static_cast<std::ptrdiff_t>(from), ids.begin() + static_cast<std::ptrdiff_t>(to));
    out.push_back({type, contrail::list(type, scope, contrail::fields_of(type))});
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
      add_listings(Type::network_policy, parents, false, out);
      add_listings(Type::virtual_machine_interface, parents, false, out);
      parents.insert(parents.end(), shared_projects_.begin(), shared_projects_.end());
      add_listings(Type::virtual_network, parents, false, out);
      add_listings(Type::network_ipam, shared_projects_, false, out);
      out.push_back({Type::virtual_machine,
                     contrail::list(Type::virtual_machine, {}, contrail::fields_of(Type::virtual_machine))});
      break;
    }
    case 2:
      add_listings(Type::floating_ip_pool, networks_, false, out);
      add_listings(Type::instance_ip, networks_, true, out);
      break;
    case 3:
      add_listings(Type::floating_ip, pools_, false, out);
      break;
    default:
      return {};
  }
  // A stage may have nothing to ask for, with more to come after it.
  return out.empty() ? next_stage() : out;
}

bool Inventory::is_ours(const contrail::Object& project) const {
  const auto& binder = engine_.binder();
  if (project.fq_name == binder.names().default_project()) return false;
  if (binder.owners().of(project.annotations) == Ownership::ours) return true;
  for (const auto& ns : engine_.intent().keys(UnitKind::ns))
    if (binder.names().project(ns) == project.fq_name) return true;
  return false;
}

void Inventory::add(const contrail::Object& object) {
  const auto& names = engine_.binder().names();
  engine_.count(object);
  const auto owned = engine_.binder().owners().of(object.annotations);
  switch (object.type) {
    case Type::project:
      if (!is_ours(object)) {
        if (names.is_shared_project(object.fq_name)) shared_projects_.push_back(object.uuid);
        return;
      }
      projects_.push_back(object.uuid);
      break;
    case Type::virtual_network: {
      const bool shared = object.fq_name == names.allocation_network() || object.fq_name == names.public_network();
      const bool beside =
          std::find(shared_projects_.begin(), shared_projects_.end(), object.parent_uuid) != shared_projects_.end();
      if (beside && !shared) return;
      networks_.push_back(object.uuid);
      break;
    }
    case Type::network_ipam:
      if (owned != Ownership::ours && object.fq_name != names.public_ipam()) return;
      break;
    case Type::virtual_machine:
      if (owned != Ownership::ours && (owned != Ownership::unmarked || !engine_.wants_machine(object.uuid))) return;
      break;
    case Type::floating_ip_pool:
      pools_.push_back(object.uuid);
      break;
    case Type::floating_ip: {
      const bool is_public = contrail::parent_of(object.fq_name) == Names::pool(names.public_network());
      if (is_public && owned != Ownership::ours && owned != Ownership::unmarked) return;
      break;
    }
    default:
      break;
  }
  engine_.load(object, mark_);
}

}  // namespace knm
