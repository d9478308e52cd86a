#include "controller/bind/load_balancers.hpp"

#include <algorithm>
#include <tuple>

#include "controller/intent/address_text.hpp"
#include "controller/intent/service_rules.hpp"

namespace knm {
namespace {

using contrail::Family;
using contrail::IpAddress;
using contrail::Type;

template <class T>
bool lists(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<std::string> addresses_in(std::string_view status) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from < status.size();) {
    const auto comma = std::min(status.find(',', from), status.size());
    out.emplace_back(status.substr(from, comma - from));
    from = comma + 1;
  }
  return out;
}

LoadBalancers::LoadBalancers(const Settings& settings, const Names& names, const Intent& intent, const Table& table,
                             Refusal refuse_public)
    : settings_(settings),
      names_(names),
      intent_(intent),
      table_(table),
      refuse_public_(std::move(refuse_public)),
      floating_ips_(table),
      addresses_(settings.public_ip_range, settings.address_cool_down) {}

// --- Observed floating IPs

bool LoadBalancers::is_public(const contrail::Object& object) const {
  return object.type == Type::floating_ip && object.address &&
         contrail::parent_of(object.fq_name) == Names::pool(names_.public_network());
}

void LoadBalancers::begin_inventory() {
  addresses_.begin_inventory();
  floating_ips_.begin_inventory();
}

void LoadBalancers::count(const contrail::Object& object, Ownership owned) {
  if (is_public(object) && owned != Ownership::owned) addresses_.show(*object.address, object.fq_name, object.uuid);
}

bool LoadBalancers::came(const contrail::Object& object, Ownership owned) {
  if (!is_public(object)) return false;
  if (owned != Ownership::owned) return addresses_.came(*object.address, object.fq_name, object.uuid);
  addresses_.went(object.uuid);  // it was adopted
  return false;
}

void LoadBalancers::read(const contrail::Object& object, SlotId id) {
  if (is_public(object)) floating_ips_.read(*object.address, id);
}

bool LoadBalancers::refused(const ServiceFacts& service, const IpAddress& address, bool taken, Time now) {
  const auto owner = share_of(service.uid, address.family);
  if (addresses_.of(owner) != address) return false;
  // An owned object that is to be deleted has the address: the Service waits for it.
  if (floating_ips_.owned_at(address) != no_slot) return false;
  if (!taken && (lists(service.ingress, address) || service.requested_address == address)) return false;
  addresses_.refuse(owner, address, now);
  return true;
}

void LoadBalancers::status_written(std::string_view service) {
  const auto at = given_.find(service);
  const auto* facts = intent_.service(service);
  if (facts && at != given_.end() && at->second.leaving) let_go_[at->first] = facts->uid;
}

bool LoadBalancers::has_any(std::string_view uid, Family family) const {
  if (const auto own = addresses_.of(share_of(uid, family)); own && floating_ips_.has(uid, *own)) return true;
  const auto made = floating_ips_.made_for(uid);
  return std::any_of(made.begin(), made.end(), [&](const IpAddress& address) { return address.family == family; });
}

// Whether a Service keeps an address that the controller gave it, even against claims: its floating IP exists, and the
// Service does not request another address.
bool LoadBalancers::keeps(std::string_view service, const IpAddress& address) const {
  const auto* facts = intent_.service(service);
  if (!facts || !floating_ips_.has(facts->uid, address)) return false;
  const auto& request = facts->requested_address;
  return !request || request->family != address.family || *request == address || facts->request_is_void;
}

// Whether the address has an unowned floating IP with a derived name.
bool LoadBalancers::is_adopted_by(const ServiceFacts& service, const IpAddress& address) const {
  for (const bool short_name : {true, false}) {
    const auto id =
        table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, address, short_name));
    if (id != no_slot && table_[id].ownership() != Ownership::foreign && shows(table_[id], address)) return true;
  }
  return false;
}

// --- Who may have an address

bool LoadBalancers::is_older(std::string_view other, const ServiceFacts& service) const {
  const auto* facts = intent_.service(other);
  return facts && std::tie(facts->created, facts->uid) < std::tie(service.created, service.uid);
}

// The owner of the address that takes precedence over this Service; nullopt: none.
std::optional<std::string> LoadBalancers::owner_besides(const ServiceFacts& service, const IpAddress& address,
                                                        Ground ground) const {
  const auto key = tier_key(service.ns, service.name);
  const auto claimant = intent_.claimant(address);
  const bool claims = claimant == key;
  const bool stands = ground == Ground::has && keeps(key, address);
  if (!claimant.empty() && !claims && !stands) return "the Service " + claimant.text();
  if (const auto holder = holders_.find(address); holder != holders_.end() && holder->second != key && !stands)
    if (!claims || keeps(holder->second, address)) return "the Service " + holder->second;
  if (claims || stands) return foreign_holder(service, address);
  if (const auto shown = intent_.shown_by(address); ground != Ground::has && !shown.empty() && shown != key)
    if (ground == Ground::wish || is_older(shown.view(), service)) return "the Service " + shown.text();
  if (const auto id = floating_ips_.owned_at(address);
      id != no_slot && table_[id].identity() != identity_of(service.uid))
    return "another Service, or a Service that was deleted just now";
  return foreign_holder(service, address);
}

std::optional<std::string> LoadBalancers::foreign_holder(const ServiceFacts& service, const IpAddress& address) const {
  const auto name = addresses_.other_at(address);
  if (!name || is_adopted_by(service, address)) return std::nullopt;
  return name->empty() ? "a foreign object in the public network"
                       : "the floating-ip " + *name + ", which is foreign or unowned";
}

std::optional<std::string> LoadBalancers::holder_of(SlotId id, const IpAddress& address) const {
  if (const auto other = floating_ips_.other_at(address, id); other != no_slot)
    return "the floating-ip " + table_[other].name().text() + " of another Service";
  const auto name = addresses_.other_at(address);
  return name && !name->empty() ? std::optional("the floating-ip " + *name + ", which is foreign or unowned")
                                : std::nullopt;
}

std::optional<Problem> LoadBalancers::refuse(const ServiceFacts& service, const IpAddress& address,
                                             Ground ground) const {
  if (auto refusal =
          refuse_address(address, settings_.public_ip_range, true, "load-balancer address", "public-ip-range"))
    return refusal;
  if (auto refusal = refuse_public_(address)) return refusal;
  if (const auto owner = owner_besides(service, address, ground))
    return Problem{"AddressInUse", address.text() + " belongs to " + *owner + "; use another address"};
  return std::nullopt;
}

std::optional<Problem> LoadBalancers::refuse_external(const ServiceFacts& service, const IpAddress& address) const {
  const auto holder = holders_.find(address);
  if (holder == holders_.end() || holder->second == tier_key(service.ns, service.name)) return std::nullopt;
  if (!keeps(holder->second, address)) return std::nullopt;
  return Problem{"AddressInUse", address.text() + " belongs to the Service " + holder->second +
                                     ", which already has the address; use another address"};
}

// --- Addresses of Services

// The addresses that a former run chose for it; those in its status first.
std::vector<IpAddress> LoadBalancers::found_for(const ServiceFacts& service) const {
  auto out = floating_ips_.made_for(service.uid);
  std::erase_if(out, [&](const IpAddress& address) { return lists(service.external_addresses, address); });
  std::partition(out.begin(), out.end(), [&](const IpAddress& address) { return lists(service.ingress, address); });
  return out;
}

// The address of an unowned floating IP under the short name of the Service: it is adopted.
std::vector<IpAddress> LoadBalancers::unowned_for(const ServiceFacts& service) const {
  const auto id = table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, {}, true));
  if (id == no_slot || table_[id].ownership() != Ownership::unowned) return {};
  return floating_ips_.addresses_of(id);
}

std::optional<IpAddress> LoadBalancers::kept(const ServiceFacts& service, Family family) const {
  std::vector<std::pair<IpAddress, Ground>> candidates;
  if (const auto own = addresses_.of(share_of(service.uid, family))) candidates.emplace_back(*own, Ground::has);
  for (const auto& address : found_for(service)) candidates.emplace_back(address, Ground::has);
  for (const auto& address : service.ingress) candidates.emplace_back(address, Ground::status);
  for (const auto& address : unowned_for(service)) candidates.emplace_back(address, Ground::wish);
  for (const auto& [address, ground] : candidates)
    if (address.family == family && !refuse(service, address, ground)) return address;
  return std::nullopt;
}

std::optional<IpAddress> LoadBalancers::address_for(const ServiceFacts& service, Family family,
                                                    std::vector<Problem>& problems, Time now) {
  const auto owner = share_of(service.uid, family);
  const auto& request = service.requested_address;
  if (lists(service.refused_families, family)) return addresses_.release(owner, now), std::nullopt;
  const bool requested = request && request->family == family;
  const bool has_it = requested && addresses_.of(owner) == request;
  auto refusal = requested ? service.request_refusal : std::nullopt;
  if (requested && !refusal) refusal = refuse(service, *request, has_it ? Ground::has : Ground::wish);
  const auto address = requested && !refusal ? request : kept(service, family);
  if (refusal) problems.push_back(std::move(*refusal));
  if (address) {
    addresses_.keep(owner, *address, now);
    return address;
  }
  addresses_.release(owner, now);
  // A Service with a request does not get another address.
  if (requested) return std::nullopt;
  return addresses_.choose(owner, family, now, [&](const IpAddress& candidate) {
    return !lists(service.external_addresses, candidate) && !refuse(service, candidate, Ground::wish);
  });
}

LoadBalancers::Given LoadBalancers::given(const ServiceFacts& service, Time now) {
  Given out;
  out.service_uid = service.uid;
  const auto& ranges = settings_.public_ip_range;
  for (const auto family : service.families) {
    const auto problems = out.problems.size();
    if (const auto address = address_for(service, family, out.problems, now)) {
      out.addresses.push_back(*address);
      continue;
    }
    const bool has_range =
        std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return range.base.family == family; });
    if (has_range && out.problems.size() == problems && !lists(service.refused_families, family))
      out.problems.push_back(
          {"NoPublicAddress",
           std::string("public-ip-range has no free address for the Service, address family IPv") +
               (family == Family::v4 ? "4" : "6") +
               "; delete a LoadBalancer Service that is not needed, or add a range to the configuration"});
  }
  const auto& families = service.families;
  if (const auto& request = service.requested_address;
      request && std::find(families.begin(), families.end(), request->family) == families.end())
    out.problems.push_back(
        {"InvalidLoadBalancerIP", "the Service has no ClusterIP of the address family of its loadBalancerIP " +
                                      request->text() + "; request an address of an address family of the Service"});
  if (out.addresses.empty() && out.problems.empty() && service.refused_families.empty())
    out.problems.push_back({"NoPublicAddress",
                            "public-ip-range has no range of the address families of the Service; add a range to the "
                            "configuration, or change the type of the Service"});
  return out;
}

// The addresses in its status that the controller gave it although it is no longer served: they are kept until the
// status does not show them, so that a crash in between leaves no unknown entry behind.
std::vector<IpAddress> LoadBalancers::left(const ServiceFacts& service) const {
  std::vector<IpAddress> out;
  for (const auto& text : addresses_in(service.status)) {
    const auto address = read_address(text);
    if (!address || lists(service.external_addresses, *address)) continue;
    if (const auto id = floating_ips_.owned_at(*address);
        id != no_slot && table_[id].identity() == identity_of(service.uid))
      out.push_back(*address);
  }
  return out;
}

void LoadBalancers::choose(const ObjectKey& key, const ServiceFacts* service, Time now) {
  const auto before = of(key);
  const bool ours = service && service->counts && service->wants_load_balancer;
  for (const auto& address : before.addresses)
    if (const auto at = holders_.find(address); at != holders_.end() && at->second == key) holders_.erase(at);
  waiting_.erase(key);
  addresses_.wake(now);
  if (!before.service_uid.empty() && (!ours || before.service_uid != service->uid))
    for (const auto family : {Family::v4, Family::v6}) addresses_.release(share_of(before.service_uid, family), now);
  if (const auto gone = let_go_.find(key); gone != let_go_.end() && (ours || !service || gone->second != service->uid))
    let_go_.erase(gone);
  Given out;
  if (ours) {
    out = given(*service, now);
    for (const auto& address : out.addresses) {
      const auto [holder, fresh] = holders_.try_emplace(address, key);
      if (!fresh && holder->second != key) to_rebind_.services.insert(std::exchange(holder->second, key));
    }
    if (!out.problems.empty()) waiting_.insert(key);
  } else if (service && !let_go_.contains(key)) {
    out.addresses = left(*service);
    out.leaving = true;
    if (before.leaving && out.addresses.empty()) let_go_[key] = service->uid;
  }
  to_rebind_.waiting |= before.addresses != out.addresses || (service && !service->external_addresses.empty());
  if (out.service_uid.empty() && out.addresses.empty())
    given_.erase(key);
  else
    given_[key] = std::move(out);
  note_services_to_rebind(key, service, before);
}

// Services that claim what this one got or lost, and Services that have, and do not keep, what this one claims.
void LoadBalancers::note_services_to_rebind(const ObjectKey& key, const ServiceFacts* service, const Given& before) {
  const auto& now = of(key);
  const auto moved = [&](const std::vector<IpAddress>& from, const std::vector<IpAddress>& to) {
    for (const auto& address : from)
      if (const auto claimant = intent_.claimant(address);
          !lists(to, address) && !claimant.empty() && claimant.view() != key)
        to_rebind_.services.insert(claimant.text());
  };
  moved(before.addresses, now.addresses);
  moved(now.addresses, before.addresses);
  if (!service) return;
  for (const auto& address : service->external_addresses)
    if (const auto holder = holders_.find(address); holder != holders_.end() && holder->second != key)
      if (!keeps(holder->second, address)) to_rebind_.services.insert(holder->second);
}

const LoadBalancers::Given& LoadBalancers::of(std::string_view service) const {
  static const Given none;
  const auto found = given_.find(service);
  return found == given_.end() ? none : found->second;
}

std::string LoadBalancers::status_of(std::string_view service) const {
  const auto& ours = of(service);
  std::string out;
  const auto add = [&](std::string_view text) { out.append(out.empty() ? "" : ",").append(text); };
  if (!ours.leaving) {
    for (const auto& address : ours.addresses) add(address.text());
    return out;
  }
  const auto& facts = *intent_.service(service);
  // Entries of other clients are kept only in a Service that another controller may serve.
  for (const auto& text : facts.wants_load_balancer ? std::vector<std::string>() : addresses_in(facts.status)) {
    const auto address = read_address(text);
    if (!address || !lists(ours.addresses, *address)) add(text);
  }
  return out;
}

}  // namespace knm
