#include <algorithm>
#include <utility>

#include "controller/bind/binder.hpp"

// What becomes of the networks when the configured ranges change.
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

// --- Shared networks
// -------------------------------------------------------------------------------------------------------------------

bool Binder::plan_shared() {
  const auto plan = [&](const SharedSubnets& subnets) {
    const auto id = table_.find(Type::virtual_network, subnets.network());
    const bool exists = id != no_slot && table_[id].exists;
    return subnets.plan(exists, !exists || table_[id].ownership != Ownership::unmarked);
  };
  allocation_plan_ = plan(allocation_subnets_);
  auto next = plan(public_subnets_);
  const bool changed = public_subnets_.take_changed() || next.blocked != public_plan_.blocked;
  public_plan_ = std::move(next);
  return changed;
}

// Where no range is configured any longer, until what we have put there is gone.
bool Binder::needs_public_network() const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  return !settings_.public_ip_range.empty() || (id != no_slot && table_[id].exists && public_subnets_.has_ours());
}

bool Binder::needs_public_ipam() const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  if (id == no_slot || !table_[id].exists) return false;
  const auto name = names_.public_ipam();
  if (std::any_of(public_plan_.ipams.begin(), public_plan_.ipams.end(),
                  [&](const auto& ipam) { return ipam.to == name; }))
    return true;
  Object probe;
  probe.type = Type::virtual_network;
  probe.ipams = public_subnets_.under_own_ipam();
  const auto possible = atoms_of(probe);
  return std::any_of(possible.begin(), possible.end(),
                     [&](const Atom& atom) { return table_[id].observed.find(atom.key) != nullptr; });
}

void Binder::begin_count() {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_}) subnets->begin_count();
  load_balancers_.begin_inventory();
}

void Binder::count(const Object& object) {
  if (!object.address) return;
  if (object.type == Type::floating_ip) load_balancers_.count(object, owners_.of(object.annotations));
  const auto network = object.type == Type::floating_ip ? contrail::parent_of(contrail::parent_of(object.fq_name))
                       : object.networks.size() == 1    ? object.networks.front().to
                                                        : contrail::FqName();
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (subnets->network() == network) subnets->count(*object.address);
}

void Binder::end_count() {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_}) subnets->end_count();
  load_balancers_.end_inventory();
}

void Binder::subnet_refused(SlotId network) {
  for (auto* subnets : {&allocation_subnets_, &public_subnets_})
    if (table_[network].type == Type::virtual_network && subnets->network() == table_[network].name.view())
      subnets->refused();
}

std::set<Binder::PendingRange> Binder::pending_ranges() const {
  std::set<PendingRange> out;
  const auto add = [&](const contrail::FqName& network, const SharedSubnets::Plan& plan) {
    for (const auto& cidr : plan.former) out.insert({network, cidr, false});
    for (const auto& cidr : plan.blocked) out.insert({network, cidr, true});
  };
  add(names_.allocation_network(), allocation_plan_);
  add(names_.public_network(), public_plan_);
  return out;
}

std::optional<Problem> Binder::refuse_public(const contrail::IpAddress& address) const {
  const auto id = table_.find(Type::virtual_network, names_.public_network());
  if (id == no_slot || !table_[id].exists) return std::nullopt;
  return public_subnets_.refuse(address, public_plan_);
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
    for (auto problem : {refuse_public(address), load_balancers_.refuse_external(service, address)})
      if (problem && std::find(out.begin(), out.end(), *problem) == out.end()) out.push_back(std::move(*problem));
  return out;
}

// --- Networks of tiers
// -------------------------------------------------------------------------------------------------------------------

void Binder::note_former_subnets(SlotId id, const Object& network) {
  if (network.type != Type::virtual_network || table_[id].ownership != Ownership::ours) return;
  const bool pods = knm::text_of(network.annotations, mark_kind) == "PodTier";
  const auto& ranges = pods ? settings_.private_ip_range : settings_.service_cluster_ip_range;
  former_subnets_.erase(id);
  for (const auto& ipam : network.ipams)
    for (const auto& subnet : ipam.subnets)
      if (subnet.subnet_uuid == subnet_uuid(network.uuid, subnet.cidr) && !lists(ranges, subnet.cidr))
        former_subnets_.emplace(id, subnet.cidr);
}

std::optional<std::string> Binder::refuse_ranges() const {
  std::size_t others = 0;
  std::string out;
  for (const auto& [id, former] : former_subnets_) {
    const auto& entry = table_[id];
    // What nobody wants goes, with its range.
    if (!entry.exists || entry.ownership != Ownership::ours || (!entry.wanted && !entry.stays)) continue;
    if (!out.empty()) {
      ++others;
      continue;
    }
    const bool pods = static_cast<Role>(entry.source.role) == Role::pod_network;
    const std::string key = pods ? "private-ip-range" : "service-cluster-ip-range";
    const auto& ranges = pods ? settings_.private_ip_range : settings_.service_cluster_ip_range;
    const bool apart =
        std::none_of(ranges.begin(), ranges.end(), [&](const Cidr& range) { return range.overlaps(former); });
    auto both = ranges;
    both.push_back(former);
    out = "the network " + std::string(entry.name.view()) + " has the range " + former.text() + ", which " + key +
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
