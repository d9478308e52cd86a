#include "controller/intent/service_addresses.hpp"

#include <algorithm>
#include <utility>

#include "base/cut.hpp"
#include "controller/intent/address_text.hpp"
#include "controller/intent/service_rules.hpp"

namespace knm {
namespace {

using contrail::Family;
using contrail::IpAddress;

bool lists(const auto& list, const auto& value) { return std::find(list.begin(), list.end(), value) != list.end(); }

void add_once(auto& list, const auto& value) {
  if (!lists(list, value)) list.push_back(value);
}

// Parses an address of the Service; if it is none, adds a problem.
std::optional<IpAddress> address_in(std::string_view text, std::string_view field, ServiceFacts& facts) {
  auto address = read_address(text);
  if (!address)
    facts.problems.push_back(
        {"InvalidAddress", "'" + std::string(base::cut(text, 60)) + "' in " + std::string(field) +
                               " is not an IP address, so the Service does not get it; correct or remove the entry"});
  return address;
}

std::vector<IpAddress> addresses_among(const std::vector<std::string>& texts) {
  std::vector<IpAddress> out;
  for (const auto& text : texts)
    if (const auto address = read_address(text)) out.push_back(*address);
  return out;
}

// The placeholder for any load-balancer address of a family.
IpAddress any_of(Family family) {
  IpAddress out;
  out.family = family;
  return out;
}

bool has_range(const Settings& settings, Family family) {
  return std::any_of(settings.public_ip_range.begin(), settings.public_ip_range.end(),
                     [&](const auto& range) { return range.base.family == family; });
}

}  // namespace

ServiceAddresses::ServiceAddresses(const Settings& settings)
    : settings_(settings),
      claims_(ask_possession()),
      quota_(static_cast<std::size_t>(settings.public_address_limit), ask_possession()) {}

// Calls the possession that is set at the time of the call: it may be set later.
Possession ServiceAddresses::ask_possession() const {
  return [this](const Claimant& claimant, const IpAddress& address) {
    return possession_ && possession_(claimant, address);
  };
}

// Why a Service of this Namespace may not choose a public address; the configuration lists the Namespaces that may.
std::optional<Problem> ServiceAddresses::refuse_choice(std::string_view ns, const std::string& what) const {
  const auto& allowed = settings_.external_ip_namespaces;
  if (allowed.empty() || lists(allowed, ns)) return std::nullopt;
  return Problem{"AddressNotAllowed",
                 what +
                     " is refused, because external-ip-namespaces does not list the Namespace; use type LoadBalancer "
                     "without a loadBalancerIP, or add the Namespace to external-ip-namespaces"};
}

ServiceAddresses::Asked ServiceAddresses::asked_addresses(const k8s::Service& object, ServiceFacts& facts) const {
  Asked out;
  const auto take = [&](const IpAddress& address, std::optional<Problem> refusal, std::vector<IpAddress>& list) {
    if (refusal)
      facts.problems.push_back(std::move(*refusal));
    else
      add_once(list, address);
  };
  for (const auto& text : object.cluster_ips) {
    if (text.empty() || text == "None") continue;
    const auto address = address_in(text, "clusterIPs", facts);
    if (!address) continue;
    add_once(facts.families, address->family);
    take(*address,
         refuse_address(*address, settings_.service_cluster_ip_range, false, "ClusterIP", "service-cluster-ip-range"),
         out.cluster);
  }
  for (std::size_t i = 0; i < std::min(most_external_ips, object.external_ips.size()); ++i) {
    const auto address = address_in(object.external_ips[i], "externalIPs", facts);
    if (!address) continue;
    auto refusal = refuse_address(*address, settings_.public_ip_range, true, "external IP", "public-ip-range");
    take(*address, refusal ? std::move(refusal) : refuse_choice(facts.ns, "the external IP " + address->text()),
         out.external);
  }
  if (object.external_ips.size() > most_external_ips)
    facts.problems.push_back({"TooManyExternalIPs", "the Service has more than " + std::to_string(most_external_ips) +
                                                        " externalIPs, so only the first are used; remove addresses"});
  return out;
}

void ServiceAddresses::read_request(const k8s::Service& object, ServiceFacts& facts) const {
  if (object.load_balancer_ip.empty()) return;
  const auto address = facts.requested_address = read_address(object.load_balancer_ip);
  if (!address) {
    facts.problems.push_back(
        {"InvalidLoadBalancerIP",
         "loadBalancerIP is not an IP address; write an address of public-ip-range, or remove loadBalancerIP"});
    return;
  }
  facts.request_refusal =
      refuse_address(*address, settings_.public_ip_range, true, "load-balancer address", "public-ip-range");
  if (!facts.request_refusal) facts.request_refusal = refuse_choice(facts.ns, "the loadBalancerIP " + address->text());
  facts.request_is_void = facts.request_refusal || !lists(facts.families, address->family);
}

// The requests of the Service count towards the limit of its Namespace.
std::set<ObjectKey> ServiceAddresses::ask_quota(const Claimant& claimant, const Asked& asked,
                                                const ServiceFacts& facts) {
  auto all = asked.external;
  if (facts.wants_load_balancer)
    for (const auto family : facts.families)
      if (has_range(settings_, family)) all.push_back(any_of(family));
  return quota_.ask(claimant, all);
}

void ServiceAddresses::apply_quota(const ObjectKey& key, Asked& asked, ServiceFacts& facts) const {
  const auto refuse = [&](const std::string& what) {
    facts.problems.push_back(
        {"PublicAddressLimit", what + " exceeds the limit of " + std::to_string(quota_.limit()) +
                                   " public addresses for the Namespace (public-address-limit); release another public "
                                   "address of the Namespace, or raise the limit"});
  };
  std::erase_if(asked.external, [&](const IpAddress& address) {
    if (quota_.allows(key, address)) return false;
    refuse("the external IP " + address.text());
    return true;
  });
  if (!facts.wants_load_balancer) return;
  for (const auto family : facts.families) {
    if (!has_range(settings_, family) || quota_.allows(key, any_of(family))) continue;
    refuse(std::string("a load-balancer address of IPv") + (family == Family::v4 ? "4" : "6"));
    facts.refused_families.push_back(family);
    facts.request_is_void |= facts.requested_address && facts.requested_address->family == family;
  }
}

std::optional<Problem> ServiceAddresses::refuse_claim(const IpAddress& address, const ObjectKey& key) const {
  const auto* holder = claims_.holder(address);
  if (!holder || holder->service == key) return std::nullopt;
  if (claims_.is_far_behind(key, address))
    return Problem{
        "AddressInUse",
        address.text() + " is claimed by very many Services, and other Services come first; use another address"};
  return Problem{"AddressInUse", address.text() + " belongs to the Service " + holder->service +
                                     ", which already has the address or is older; use another address"};
}

std::set<ObjectKey> ServiceAddresses::assign(const k8s::Service& object, const ObjectName& key, ServiceFacts& facts) {
  auto asked = asked_addresses(object, facts);
  if (facts.wants_load_balancer) {
    facts.ingress = addresses_among(object.ingress);
    read_request(object, facts);
  }
  const Claimant claimant{facts.created, object.meta.uid, key};
  auto others = ask_quota(claimant, asked, facts);
  apply_quota(key, asked, facts);
  auto all = asked.cluster;
  all.insert(all.end(), asked.external.begin(), asked.external.end());
  const bool requests = facts.requested_address && !facts.request_is_void;
  if (requests) all.push_back(*facts.requested_address);
  others.merge(claims_.claim(claimant, std::move(all)));
  shown_.claim(claimant, facts.ingress);
  const auto hold = [&](const std::vector<IpAddress>& addresses, std::vector<IpAddress>& held) {
    for (const auto& address : addresses)
      if (auto refusal = refuse_claim(address, key))
        facts.problems.push_back(std::move(*refusal));
      else
        held.push_back(address);
  };
  hold(asked.cluster, facts.cluster_addresses);
  hold(asked.external, facts.external_addresses);
  if (requests) facts.request_refusal = refuse_claim(*facts.requested_address, key);
  return others;
}

std::set<ObjectKey> ServiceAddresses::release(const ObjectKey& service) {
  auto others = quota_.release(service);
  others.merge(claims_.release(service));
  shown_.release(service);
  return others;
}

std::set<ObjectKey> ServiceAddresses::possess(const ObjectKey& service, const IpAddress& address) {
  auto others = quota_.possess(service, address);
  others.merge(claims_.possess(service, address));
  return others;
}

PackedText ServiceAddresses::holder(const Claims& claims, const IpAddress& address) {
  const auto* found = claims.holder(address);
  return found ? found->service : PackedText();
}

}  // namespace knm
