#include "controller/bind/range_changes.hpp"

#include <algorithm>
#include <utility>

#include "controller/bind/role.hpp"
#include "controller/model/identity.hpp"

namespace knm {
namespace {

using contrail::Cidr;
using contrail::Object;
using contrail::Type;

bool lists(const std::vector<Cidr>& ranges, const Cidr& cidr) {
  return std::find(ranges.begin(), ranges.end(), cidr) != ranges.end();
}

std::string text_of(const std::vector<Cidr>& ranges) {
  std::string out;
  for (const auto& range : ranges) out += (out.empty() ? "" : ", ") + range.text();
  return "[" + out + "]";
}

}  // namespace

RangeChanges::RangeChanges(const Settings& settings, const Names& names, const Table& table)
    : settings_(settings),
      names_(names),
      table_(table),
      allocation_subnets_(names_.allocation_network(), settings.private_ip_range, {}),
      public_subnets_(names_.public_network(), settings.public_ip_range, names_.public_ipam()) {}

void RangeChanges::read(const Object& object, SlotId id, std::string_view owner) {
  if (object.type != Type::virtual_network) return;
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (object.fq_name == subnets->network()) subnets->read(object, user_key(owner));
  if (table_[id].ownership() == Ownership::owned) note_former_subnet(id, object);
}

// --- Shared networks

bool RangeChanges::plan() {
  const auto plan = [&](const SharedSubnets& subnets) {
    const auto id = table_.find(Type::virtual_network, subnets.network());
    const bool exists = id != no_slot && table_[id].exists();
    return subnets.plan(exists, !exists || table_[id].ownership() != Ownership::unowned);
  };
  allocation_plan_ = plan(allocation_subnets_);
  auto next = plan(public_subnets_);
  const bool changed = public_subnets_.take_changed() || next.blocked != public_plan_.blocked;
  public_plan_ = std::move(next);
  return changed;
}

bool RangeChanges::needs_public_network() const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  return !settings_.public_ip_range.empty() || (id != no_slot && table_[id].exists() && public_subnets_.has_ours());
}

bool RangeChanges::needs_public_ipam() const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  if (id == no_slot || !table_[id].exists()) return false;
  const auto name = names_.public_ipam();
  if (std::any_of(public_plan_.ipams.begin(), public_plan_.ipams.end(),
                  [&](const auto& ipam) { return ipam.to == name; }))
    return true;
  Object probe;
  probe.type = Type::virtual_network;
  probe.ipams = public_subnets_.under_own_ipam();
  const auto possible = digests_of(probe);
  return std::any_of(possible.begin(), possible.end(),
                     [&](const FieldDigest& item) { return table_[id].observed().find(item.key) != nullptr; });
}

void RangeChanges::begin_count() {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_}) subnets->begin_count();
}

void RangeChanges::count(const Object& object) {
  if (!object.address) return;
  const auto network = object.type == Type::floating_ip ? contrail::parent_of(contrail::parent_of(object.fq_name))
                       : object.networks.size() == 1    ? object.networks.front().to
                                                        : contrail::FqName();
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (subnets->network() == network) subnets->count(*object.address);
}

void RangeChanges::end_count() {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_}) subnets->end_count();
}

void RangeChanges::subnet_refused(SlotId network) {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (table_[network].type() == Type::virtual_network && subnets->network() == table_[network].name().view())
      subnets->refused();
}

std::set<RangeChanges::Pending> RangeChanges::pending() const {
  std::set<Pending> out;
  const auto add = [&](const contrail::FqName& network, const SharedSubnets::Plan& plan) {
    for (const auto& cidr : plan.former) out.insert({network, cidr, false});
    for (const auto& cidr : plan.blocked) out.insert({network, cidr, true});
  };
  add(names_.allocation_network(), allocation_plan_);
  add(names_.public_network(), public_plan_);
  return out;
}

std::optional<Problem> RangeChanges::refuse_public(const contrail::IpAddress& address) const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  if (id == no_slot || !table_[id].exists()) return std::nullopt;
  return public_subnets_.refuse(address, public_plan_);
}

// --- Networks of tiers

void RangeChanges::note_former_subnet(SlotId id, const Object& network) {
  const bool pods = knm::text_of(network.annotations, annotation_kind) == "PodTier";
  const auto& ranges = pods ? settings_.private_ip_range : settings_.service_cluster_ip_range;
  former_subnets_.erase(id);
  for (const auto& ipam : network.ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.subnet_uuid == subnet_uuid(network.uuid, subnet.cidr) && !lists(ranges, subnet.cidr))
        former_subnets_.emplace(id, subnet.cidr);
}

std::optional<std::string> RangeChanges::refuse() const {
  std::size_t others = 0;
  std::string out;
  for (const auto& [id, former] : former_subnets_) {
    const auto& entry = table_[id];
    // A network that is not needed is deleted, together with its range.
    if (!entry.exists() || entry.ownership() != Ownership::owned || (!entry.is_desired() && !entry.is_retained()))
      continue;
    if (!out.empty()) {
      ++others;
      continue;
    }
    const bool pods = static_cast<Role>(entry.source().role) == Role::pod_network;
    const std::string key = pods ? "private-ip-range" : "service-cluster-ip-range";
    const auto& ranges = pods ? settings_.private_ip_range : settings_.service_cluster_ip_range;
    const bool apart =
        std::none_of(ranges.begin(), ranges.end(), [&](const Cidr& range) { return range.overlaps(former); });
    auto both = ranges;
    both.push_back(former);
    out = "the network " + std::string(entry.name().view()) + " has the range " + former.text() + ", which " + key +
          " (" + text_of(ranges) + ") does not list; " +
          (apart ? "list the former range after the new range (" + key + ": " + text_of(both) + ")"
                 : "restore the former configuration") +
          ", or delete the objects that use the network before the range changes";
  }
  if (out.empty()) return std::nullopt;
  if (others > 0) out += "; the same applies to " + std::to_string(others) + " more owned networks";
  return out;
}

}  // namespace knm
