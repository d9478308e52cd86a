#include <algorithm>

#include "controller/bind/binder.hpp"
#include "controller/intent/service_rules.hpp"
#include "controller/rule.hpp"

// The addresses that LoadBalancer Services get of us (object-model section 4).
namespace knm {
namespace {

using contrail::Family;
using contrail::IpAddress;
using contrail::Type;

bool lists(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool shows(const Entry& entry, const IpAddress& address) {
  contrail::Object probe;
  probe.type = Type::floating_ip;
  probe.address = address;
  const auto atom = atoms_of(probe).front();
  return entry.exists && entry.type == Type::floating_ip && entry.have.contains(atom);
}

}  // namespace

void Binder::note_public_address(const contrail::Object& object, SlotId id) {
  if (object.type != Type::floating_ip || !object.address) return;
  if (contrail::parent_of(object.fq_name) != Names::pool(names_.public_network())) return;
  public_slots_[*object.address] = id;
  if (table_[id].exists && table_[id].ownership == Ownership::ours)
    found_addresses_.emplace(table_[id].identity(), *object.address);
}

// One of ours that is there and has the address, whoever it was made for; no_slot: none.
SlotId Binder::public_slot(const IpAddress& address) const {
  const auto at = public_slots_.find(address);
  if (at == public_slots_.end() || table_[at->second].ownership != Ownership::ours) return no_slot;
  return shows(table_[at->second], address) ? at->second : no_slot;
}

// Why a Service cannot have a public address; nullopt where it can.
std::optional<Problem> Binder::refuse_load_balancer(const ServiceFacts& service, const IpAddress& address) const {
  if (auto refusal =
          refuse_address(address, settings_.public_ip_range, true, "load-balancer address", "public-ip-range"))
    return refusal;
  if (auto refusal = refuse_public(address)) return refusal;
  const auto in_use = [&](const std::string& by) {
    return Problem{"AddressInUse", address.text() + " belongs to " + by + "; use another address"};
  };
  const auto key = tier_key(service.ns, service.name);
  if (const auto claimant = intent_.claimant(address); !claimant.empty() && claimant != key)
    return in_use("the Service " + claimant);
  const auto& owner = public_.owner_of(address);
  if (!owner.empty() && owner != PublicAddresses::owner(service.uid, address.family))
    return in_use("another LoadBalancer Service");
  if (const auto id = public_slot(address); id != no_slot && table_[id].identity() != identity_of(service.uid))
    return in_use("a Service that was deleted just now");
  if (!public_.is_strangers(address)) return std::nullopt;
  // Under a name of ours and without a mark it is adopted.
  for (const bool short_name : {true, false}) {
    const auto id =
        table_.find(Type::floating_ip, names_.public_address(service.ns, service.name, address, short_name));
    if (id != no_slot && table_[id].ownership != Ownership::other && shows(table_[id], address)) return std::nullopt;
  }
  return in_use("somebody else in the public network");
}

// What the Service has already: by our own choice, by a floating IP that a former run made for it, or by its status.
std::optional<IpAddress> Binder::kept_load_balancer(const ServiceFacts& service, Family family) const {
  std::vector<IpAddress> candidates;
  if (const auto own = public_.of(PublicAddresses::owner(service.uid, family))) candidates.push_back(*own);
  std::vector<IpAddress> found;
  const auto identity = identity_of(service.uid);
  for (auto at = found_addresses_.lower_bound({identity, IpAddress{}});
       at != found_addresses_.end() && at->first == identity; ++at)
    if (const auto id = public_slot(at->second);
        id != no_slot && table_[id].identity() == identity && !lists(service.external_addresses, at->second))
      found.push_back(at->second);
  for (const bool in_status : {true, false})
    for (const auto& address : found)
      if (lists(service.ingress, address) == in_status) candidates.push_back(address);
  candidates.insert(candidates.end(), service.ingress.begin(), service.ingress.end());
  for (const auto& address : candidates)
    if (address.family == family && !refuse_load_balancer(service, address)) return address;
  return std::nullopt;
}

std::optional<IpAddress> Binder::load_balancer_address(const ServiceFacts& service, Family family,
                                                       std::vector<Problem>& problems, Time now) {
  const auto owner = PublicAddresses::owner(service.uid, family);
  const auto& request = service.requested_address;
  const bool requested = request && request->family == family && holds(Rule::load_balancer_request);
  auto refusal = requested ? refuse_load_balancer(service, *request) : std::nullopt;
  const auto kept = requested && !refusal ? request : kept_load_balancer(service, family);
  if (refusal) problems.push_back(std::move(*refusal));
  if (kept) {
    public_.keep(owner, *kept, now);
    return kept;
  }
  public_.release(owner, now);
  // Who asked for an address does not get another one.
  if (requested) return std::nullopt;
  return public_.choose(owner, family, now, [&](const IpAddress& address) {
    return !lists(service.external_addresses, address) && !refuse_load_balancer(service, address);
  });
}

// Those of its addresses in its status that it has of us though it is not ours any longer: they stay until the status
// does not show them, so that a crash in between leaves nothing behind that nobody knows of.
std::vector<IpAddress> Binder::left_load_balancer(const ServiceFacts& service) const {
  std::vector<IpAddress> out;
  for (std::size_t from = 0; from < service.status.size();) {
    const auto comma = std::min(service.status.find(',', from), service.status.size());
    const auto address = IpAddress::parse(std::string_view(service.status).substr(from, comma - from));
    from = comma + 1;
    if (!address || lists(service.external_addresses, *address)) continue;
    const auto id = table_.floating_ip(derived_uuid(Type::floating_ip, service.uid, address->text()));
    if (id != no_slot && table_[id].exists && table_[id].ownership == Ownership::ours) out.push_back(*address);
  }
  return out;
}

const Binder::Balanced& Binder::balanced(std::string_view service) const {
  static const Balanced none;
  const auto found = balanced_.find(service);
  return found == balanced_.end() ? none : found->second;
}

void Binder::choose_load_balancer(const std::string& key, const ServiceFacts* service, Time now) {
  const auto before = balanced(key).service_uid;
  const bool ours = service && service->wants_load_balancer && holds(Rule::load_balancers);
  without_public_address_.erase(key);
  public_.wake(now);
  if (!before.empty() && (!ours || before != service->uid))
    for (const auto family : {Family::v4, Family::v6}) public_.release(PublicAddresses::owner(before, family), now);
  Balanced out;
  if (ours) {
    out = choose_addresses(key, *service, now);
  } else if (service && holds(Rule::load_balancer_release)) {
    out.addresses = left_load_balancer(*service);
    out.leaving = true;
  }
  if (out.service_uid.empty() && out.addresses.empty())
    balanced_.erase(key);
  else
    balanced_[key] = std::move(out);
}

Binder::Balanced Binder::choose_addresses(const std::string& key, const ServiceFacts& service, Time now) {
  Balanced out;
  out.service_uid = service.uid;
  const auto& ranges = settings_.public_ip_range;
  for (const auto family : service.families) {
    const auto problems = out.problems.size();
    if (const auto address = load_balancer_address(service, family, out.problems, now)) {
      out.addresses.push_back(*address);
      continue;
    }
    without_public_address_.insert(key);
    const bool has_range =
        std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return range.base.family == family; });
    if (has_range && out.problems.size() == problems)
      out.problems.push_back(
          {"NoPublicAddress", std::string("no address of public-ip-range is free for it, of IPv") +
                                  (family == Family::v4 ? "4" : "6") +
                                  "; delete a LoadBalancer Service that is not needed, or add a range"});
  }
  const auto& families = service.families;
  if (const auto& request = service.requested_address;
      request && std::find(families.begin(), families.end(), request->family) == families.end())
    out.problems.push_back(
        {"InvalidLoadBalancerIP", "the Service has no ClusterIP of the family of its loadBalancerIP " +
                                      request->text() + "; request an address of a family that it has"});
  if (out.addresses.empty() && out.problems.empty())
    out.problems.push_back({"NoPublicAddress",
                            "public-ip-range has no range of the families of its ClusterIPs; add one to the "
                            "configuration, or give the Service another type"});
  return out;
}

const std::vector<Problem>& Binder::load_balancer_problems(std::string_view service) const {
  return balanced(service).problems;
}

// What the Service's status is to say: its addresses, or of one that is not ours what others wrote there.
std::string Binder::load_balancer_text(const std::string& key) const {
  const auto& ours = balanced(key);
  std::string out;
  const auto add = [&](std::string_view text) { out.append(out.empty() ? "" : ",").append(text); };
  if (!ours.leaving) {
    for (const auto& address : ours.addresses) add(address.text());
    return out;
  }
  const std::string_view status = intent_.service(key)->status;
  for (std::size_t from = 0; from < status.size();) {
    const auto comma = std::min(status.find(',', from), status.size());
    const auto text = status.substr(from, comma - from);
    const auto address = IpAddress::parse(text);
    if (!address || !lists(ours.addresses, *address)) add(text);
    from = comma + 1;
  }
  return out;
}

}  // namespace knm
