#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <set>

#include "tests/support/oracle.hpp"
#include "tests/support/oracle_address.hpp"

namespace knm::test {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

std::string stripped(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string value_of(const std::vector<k8s::KeyValue>& map, const std::vector<std::string>& keys) {
  for (const auto& key : keys)
    for (const auto& [name, value] : map)
      if (name == key && !stripped(value).empty()) return value;
  return "";
}

bool is_tier_name(const std::string& text) {
  const auto letter_or_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || text.size() > 63 || !letter_or_digit(text.front()) || !letter_or_digit(text.back())) return false;
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
         std::string::npos;
}

// The meaning of the cluster by the rules of docs/object-model.md.
class Reading {
 public:
  Reading(const Cluster& cluster, const OracleSettings& settings) : cluster_(cluster), settings_(settings) {
    for (const auto& [key, service] : cluster_.services)
      if (is_served(service.meta.ns) && counts(service)) services_.push_back(&service);
    for (const auto& [key, pod] : cluster_.pods)
      if (is_networked(pod)) pods_.push_back(&pod);
  }

  std::set<std::pair<std::string, std::string>> public_claims() const {
    std::set<std::pair<std::string, std::string>> out;
    for (const auto* service : services_) {
      if (!service->has_selector) continue;
      auto texts = service->external_ips;
      texts.push_back(service->load_balancer_ip);
      for (const auto& text : texts)
        if (const auto address = Number::parse(text); address && names(*service, *address))
          if (is_given_out(text, settings_.public_ranges, 3)) out.emplace(service->meta.uid, text);
    }
    return out;
  }

  Picture picture() {
    add_shared();
    for (const auto& [name, ns] : cluster_.namespaces)
      if (is_served(name)) add("project", project(name), {{"uuid", ns.meta.uid}}, "Namespace", ns.meta.uid, name);
    for (const auto* pod : pods_) add_pod(*pod);
    for (const auto* service : services_) add_service(*service);
    for (const auto& [network, tier] : pod_networks()) add_network(network, tier, "PodTier", settings_.private_ranges);
    for (const auto& [network, tier] : service_networks()) {
      add_network(network, tier, "ServiceTier", settings_.service_ranges);
      add("floating-ip-pool", network + ":" + last(network), json::object(), "ServicePool", ns_uid(tier), tier);
    }
    for (const auto& [tier, rules] : access()) {
      json list = json::array();
      for (const auto& [source, destination] : rules) list.push_back(source + " -> " + destination);
      add("network-policy", policy_name(tier), {{"rules", list}}, "AccessPolicy", ns_uid(tier), tier);
    }
    for (const auto& [network, rules] : global_access()) {
      json list = json::array();
      for (const auto& [source, destination] : rules) list.push_back(source + " -> " + destination);
      add("network-policy", global_policy_name(network), {{"rules", list}}, "GlobalPolicy", uid_beside(network),
          network);
    }
    for (const auto& network : cluster_.external_networks)
      if (auto policies = policies_of(network); !policies.empty())
        out_["network of others " + network] = {{"policies", policies}};
    return std::move(out_);
  }

 private:
  using Tier = std::string;  // "ns/tier"
  using Rules = std::set<std::pair<std::string, std::string>>;

  // --- Names
  static std::string ns_of(const std::string& key) { return key.substr(0, key.find('/')); }
  static std::string name_of(const std::string& key) { return key.substr(key.find('/') + 1); }
  static std::string last(const std::string& fq) { return fq.substr(fq.rfind(':') + 1); }
  std::string prefixed(const std::string& name) const {
    return settings_.cluster_name.empty() ? name : settings_.cluster_name + "_" + name;
  }
  std::string project(const std::string& ns) const { return settings_.domain + ":" + prefixed(ns); }
  std::string pod_network(const Tier& tier) const {
    const auto name = name_of(tier);
    const bool reserved = name.rfind("service-", 0) == 0 || name == "default-virtual-network";
    return project(ns_of(tier)) + ":" + (reserved ? "__pod_" : "") + name;
  }
  std::string service_network(const Tier& tier) const { return project(ns_of(tier)) + ":service-" + name_of(tier); }
  std::string policy_name(const Tier& tier) const { return project(ns_of(tier)) + ":__svc_" + name_of(tier); }
  std::string global_policy_name(const std::string& network) const {
    const auto project_name = network.substr(0, network.rfind(':'));
    if (project_name.substr(0, project_name.find(':')) == settings_.domain)
      return project_name + ":__net_" + prefixed(last(network));
    std::string spelled;
    for (const char c : network) spelled += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return settings_.default_project + ":__net_" + prefixed(spelled);
  }
  // The UID of the Namespace in whose project the policy is, else that of kube-system.
  std::string uid_beside(const std::string& network) const {
    const auto name = global_policy_name(network);
    for (const auto& [ns, object] : cluster_.namespaces)
      if (is_served(ns) && name.rfind(project(ns) + ":", 0) == 0) return object.meta.uid;
    return cluster_.namespaces.at("kube-system").meta.uid;
  }
  std::string ns_uid(const Tier& tier) const { return cluster_.namespaces.at(ns_of(tier)).meta.uid; }

  // --- Which objects count
  // An existing Namespace has a project of its own, except if it has the name of the configured default project or if
  // its project has another owner.
  bool is_served(const std::string& ns) const {
    return cluster_.namespaces.count(ns) > 0 && project(ns) != settings_.default_project &&
           settings_.foreign_projects.count(ns) == 0;
  }
  bool is_networked(const k8s::Pod& pod) const {
    return is_served(pod.meta.ns) && !pod.host_network && !pod.mirror && pod.phase != k8s::PodPhase::succeeded &&
           pod.phase != k8s::PodPhase::failed;
  }
  std::optional<const k8s::Pod*> endpoint_pod(const std::string& ns, const k8s::Endpoint& endpoint) const {
    for (const auto& [key, pod] : cluster_.pods)
      if (endpoint.target_kind == "Pod" && pod.meta.uid == endpoint.target_uid && pod.meta.ns == ns &&
          is_networked(pod))
        return &pod;
    return std::nullopt;
  }
  // Every endpoint of a family that is a Pod with a network, with the slice that lists it.
  struct Behind {
    const k8s::Endpoint* endpoint;
    const k8s::Pod* pod;
    const k8s::EndpointSlice* slice;
  };
  std::vector<Behind> endpoints(const k8s::Service& service, k8s::AddressType family) const {
    std::vector<Behind> out;
    for (const auto& [key, slice] : cluster_.slices)
      if (slice.meta.ns == service.meta.ns && slice.service == service.meta.name && slice.address_type == family)
        for (const auto& endpoint : slice.endpoints)
          if (const auto pod = endpoint_pod(service.meta.ns, endpoint)) out.push_back({&endpoint, *pod, &slice});
    return out;
  }
  bool counts(const k8s::Service& service) const {
    const auto has = [&](k8s::AddressType family) { return !endpoints(service, family).empty(); };
    return service.type != k8s::ServiceType::external_name &&
           (service.has_selector || has(k8s::AddressType::ipv4) || has(k8s::AddressType::ipv6));
  }
  static bool is_headless(const k8s::Service& service) {
    return !service.cluster_ips.empty() && service.cluster_ips.front() == "None";
  }

  // --- Tiers
  Tier tier_of(const k8s::Pod& pod) const {
    const auto value = value_of(pod.meta.labels, settings_.tier_keys);
    return pod.meta.ns + "/" + (value.empty() ? "default-network" : value);
  }
  Tier tier_of(const k8s::Service& service) const {
    const auto value = value_of(service.meta.labels, settings_.tier_keys);
    return service.meta.ns + "/" + (value.empty() ? "default" : value);
  }
  Names uses(const k8s::Pod& pod) const {
    Names names;
    const auto take = [&](const std::string& text) {  // only the first 256 count
      if (is_tier_name(stripped(text)) && names.size() < 256) names.insert(stripped(text));
    };
    take(value_of(pod.meta.labels, settings_.uses_keys));
    auto text = stripped(value_of(pod.meta.annotations, settings_.uses_keys));
    if (!text.empty() && text.front() == '[') {
      const auto list = json::parse(text, nullptr, false);
      if (list.is_array())
        for (const auto& item : list)
          if (item.is_string()) take(item.get<std::string>());
      return names;
    }
    for (std::size_t from = 0; from <= text.size();) {
      const auto comma = std::min(text.find(',', from), text.size());
      take(text.substr(from, comma - from));
      from = comma + 1;
    }
    return names;
  }
  std::set<Tier> requested(const k8s::Pod& pod) const {
    std::set<Tier> out;
    for (const auto& name : uses(pod)) out.insert(pod.meta.ns + "/" + name);
    for (const auto& name : settings_.namespace_services) out.insert(pod.meta.ns + "/" + name);
    for (const auto& [ns, name] : settings_.cluster_services) out.insert(ns + "/" + name);
    return out;
  }
  std::map<std::string, Tier> pod_networks() const {
    std::map<std::string, Tier> out;
    for (const auto* pod : pods_) out[pod_network(tier_of(*pod))] = tier_of(*pod);
    return out;
  }
  std::map<std::string, Tier> service_networks() const {
    std::map<std::string, Tier> out;
    for (const auto* service : services_)
      if (!is_headless(*service)) out[service_network(tier_of(*service))] = tier_of(*service);
    return out;
  }

  // --- Access: for each service tier, which network may reach which one
  std::map<Tier, Rules> access() const {
    std::map<Tier, Rules> out;
    for (const auto* pod : pods_)
      for (const auto& tier : requested(*pod))
        for (const auto& destination : destinations(tier))
          if (const auto source = pod_network(tier_of(*pod)); source != destination)
            out[tier].emplace(source, destination);
    return out;
  }
  bool is_there(const std::string& network) const {
    return cluster_.external_networks.count(network) > 0 || pod_networks().count(network) > 0 ||
           service_networks().count(network) > 0 ||
           (network == settings_.public_network && !settings_.public_ranges.empty());
  }
  // Which pod networks are connected to which global networks, as in the rules of the policies.
  std::map<std::string, Rules> global_access() const {
    std::map<std::string, Rules> out;
    const auto found = [](const std::string& text, const std::string& expression) {
      return !expression.empty() && std::regex_search(text, std::regex(expression));
    };
    for (const auto& global : settings_.global_networks)
      for (const auto& [network, tier] : pod_networks()) {
        const auto is_global = std::count(settings_.global_networks.begin(), settings_.global_networks.end(), network);
        const auto text = ns_of(tier) + "/" + last(network);
        if (is_there(global) && is_global == 0 && found(text, settings_.global_include) &&
            !found(text, settings_.global_exclude))
          out[global].emplace(network, global);
      }
    return out;
  }
  // The policies of a network are those with a rule about it.
  json policies_of(const std::string& network) const {
    json out = json::object();
    const auto take = [&](const std::string& policy, const Rules& rules) {
      for (const auto& [source, destination] : rules)
        if (source == network || destination == network) out[policy] = "10.0";
    };
    for (const auto& [tier, rules] : access()) take(policy_name(tier), rules);
    for (const auto& [global, rules] : global_access()) take(global_policy_name(global), rules);
    return out;
  }
  Names destinations(const Tier& tier) const {
    Names out;
    const auto external = settings_.external_services.find(name_of(tier));
    if (external != settings_.external_services.end() && cluster_.namespaces.count(ns_of(tier)) > 0 &&
        is_served(ns_of(tier))) {
      const auto& [network, namespaces] = external->second;
      const bool has_services = std::any_of(services_.begin(), services_.end(),
                                            [&](const auto* service) { return tier_of(*service) == tier; });
      const bool allowed = namespaces.empty() || namespaces.count(ns_of(tier)) > 0;
      if (!has_services && allowed && is_there(network)) return {network};
    }
    for (const auto* service : services_) {
      if (tier_of(*service) != tier) continue;
      if (!is_headless(*service)) out.insert(service_network(tier));
      if (is_headless(*service))
        for (const auto family : {k8s::AddressType::ipv4, k8s::AddressType::ipv6})
          for (const auto* pod : ready(*service, family)) out.insert(pod_network(tier_of(*pod)));
    }
    return out;
  }

  // --- Backends, by family
  std::vector<const k8s::Pod*> ready(const k8s::Service& service, k8s::AddressType family) const {
    std::set<const k8s::Pod*> out;
    for (const auto& [endpoint, pod, slice] : endpoints(service, family))
      if ((endpoint->ready || service.publish_not_ready_addresses) && !endpoint->terminating && !pod->meta.terminating)
        out.insert(pod);
    return {out.begin(), out.end()};
  }
  std::vector<const k8s::Pod*> behind(const k8s::Service& service, k8s::AddressType family) const {
    std::set<const k8s::Pod*> out;
    for (const auto& [endpoint, pod, slice] : endpoints(service, family)) out.insert(pod);
    return {out.begin(), out.end()};
  }
  using Mappings = std::set<std::string>;  // "tcp 80 3000"
  static std::string mapping(const k8s::ServicePort& port, int target) {
    auto protocol = port.protocol;
    for (auto& c : protocol) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return protocol + " " + std::to_string(port.port) + " " + std::to_string(target);
  }
  static constexpr std::size_t ports_that_count = 4096, pods_that_count = 10000;
  static std::vector<k8s::ServicePort> ports_of(const k8s::Service& service) {
    return {service.ports.begin(),
            service.ports.begin() + static_cast<std::ptrdiff_t>(std::min(service.ports.size(), ports_that_count))};
  }
  // The port mappings of a Pod from the slices that name it; without a Pod, those of the Service alone.
  Mappings mappings_for(const k8s::Service& service, const k8s::Pod* pod, k8s::AddressType family) const {
    Mappings out;
    for (const auto& port : ports_of(service)) {
      std::optional<int> said;
      if (pod)
        for (const auto& [endpoint, other, slice] : endpoints(service, family))
          if (other == pod)
            for (const auto& resolved : slice->ports)
              if (resolved.name == port.name && resolved.protocol == port.protocol)
                said = said ? std::min(*said, resolved.port) : resolved.port;
      const int own = !port.target_name.empty() ? 0 : port.target_port == 0 ? port.port : port.target_port;
      const int target = said ? *said : pod && !service.has_selector ? 0 : own;
      if (target != 0) out.insert(mapping(port, target));
    }
    return out;
  }
  struct Served {
    Mappings mappings;
    std::vector<const k8s::Pod*> pods;
  };
  Served serve(const k8s::Service& service, k8s::AddressType family) const {
    auto best = largest_camp(service, ready(service, family), family);
    // If no Pod is ready, the unready Pods determine the mappings.
    if (best.pods.empty()) best = {largest_camp(service, behind(service, family), family).mappings, {}};
    bool all_same = best.mappings.size() == service.ports.size();
    for (const auto& text : best.mappings) {
      const auto source = text.find(' '), target = text.rfind(' ');
      all_same &= text.substr(source, target - source) == text.substr(target);
    }
    if (all_same) best.mappings.clear();
    std::sort(best.pods.begin(), best.pods.end(),
              [](const auto* a, const auto* b) { return a->meta.name < b->meta.name; });
    if (best.pods.size() > pods_that_count) best.pods.resize(pods_that_count);
    return best;
  }
  Served largest_camp(const k8s::Service& service, const std::vector<const k8s::Pod*>& pods,
                      k8s::AddressType family) const {
    std::map<Mappings, std::vector<const k8s::Pod*>> camps;
    for (const auto* pod : pods)
      // A Service cannot reach a Pod without any of the ports.
      if (auto mappings = mappings_for(service, pod, family); !mappings.empty()) camps[mappings].push_back(pod);
    Served best{mappings_for(service, nullptr, family), {}};
    const auto age = [](const std::vector<const k8s::Pod*>& camp) {
      std::vector<std::pair<std::int64_t, std::string>> ages;
      for (const auto* pod : camp) ages.emplace_back(pod->meta.creation_timestamp, pod->meta.uid);
      return *std::min_element(ages.begin(), ages.end());
    };
    for (const auto& [mappings, camp] : camps)
      if (camp.size() > best.pods.size() || (camp.size() == best.pods.size() && age(camp) < age(best.pods)))
        best = {mappings, camp};
    return best;
  }

  // --- Addresses of Services
  bool is_given_out(const std::string& text, const std::vector<std::string>& ranges, unsigned reserved_at_end) const {
    const auto address = Number::parse(text);
    if (!address) return false;
    for (const auto& range_text : ranges) {
      const auto range = Range::parse(range_text);
      if (range.contains(*address)) return *address != range.first && *address <= range.last.minus(reserved_at_end);
    }
    return false;
  }
  // The Services of these Namespaces may choose public addresses.
  bool may_choose(const k8s::Service& service) const {
    return settings_.external_ip_namespaces.empty() || settings_.external_ip_namespaces.count(service.meta.ns) > 0;
  }
  static bool lists(const std::vector<std::string>& texts, const Number& address) {
    return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return Number::parse(text) == address; });
  }
  // Whether the specification of a Service claims the address.
  bool names(const k8s::Service& service, const Number& address) const {
    if (lists(service.cluster_ips, address)) return true;
    if (!may_choose(service)) return false;
    if (lists(service.external_ips, address)) return true;
    const auto request = Number::parse(service.load_balancer_ip);
    if (!serves_balancer(service) || request != address) return false;
    return std::any_of(service.cluster_ips.begin(), service.cluster_ips.end(), [&](const auto& text) {
      const auto own = Number::parse(text);
      return own && own->is_v4() == request->is_v4();
    });
  }
  bool had(const k8s::Service& service, const std::string& text) const {
    const auto at = cluster_.had.find(text);
    return at != cluster_.had.end() && at->second.count(service.meta.uid) > 0;
  }
  // Of the claimants of an address, one that has it keeps it. Otherwise the oldest one gets it whose specification
  // names it, then the oldest one whose status shows it.
  bool holds(const k8s::Service& service, const std::string& text) const {
    const auto address = Number::parse(text);
    if (!address) return false;
    const auto standing = [&](const k8s::Service& other) {
      return std::make_tuple(!had(other, text), !names(other, *address), other.meta.creation_timestamp, other.meta.uid);
    };
    return std::none_of(services_.begin(), services_.end(), [&](const auto* other) {
      const bool is_served = lists(other->cluster_ips, *address) || had(*other, text) ||
                             requested_in(other->meta.ns) <= settings_.public_address_limit;
      const bool claims =
          (names(*other, *address) && is_served) || (serves_balancer(*other) && lists(other->ingress, *address));
      return claims && other != &service && standing(*other) < standing(service);
    });
  }
  // The number of public addresses that the Services of a Namespace request.
  std::size_t requested_in(const std::string& ns) const {
    std::size_t out = 0;
    for (const auto* service : services_) {
      if (service->meta.ns != ns) continue;
      std::set<Number> external;
      for (const auto& text : service->external_ips)
        if (may_choose(*service) && is_given_out(text, settings_.public_ranges, 3))
          external.insert(*Number::parse(text));
      out += external.size();
      std::set<bool> families;
      for (const auto& text : service->cluster_ips)
        for (const auto& range : settings_.public_ranges)
          if (const auto own = Number::parse(text); own && own->is_v4() == Range::parse(range).is_v4())
            families.insert(own->is_v4());
      if (serves_balancer(*service)) out += families.size();
    }
    return out;
  }
  static bool is_older(const k8s::Service& a, const k8s::Service& b) {
    return std::tie(a.meta.creation_timestamp, a.meta.uid) < std::tie(b.meta.creation_timestamp, b.meta.uid);
  }
  // A LoadBalancer Service that counts and has the class that the controller serves.
  bool serves_balancer(const k8s::Service& service) const {
    if (service.type != k8s::ServiceType::load_balancer || is_headless(service)) return false;
    if (std::find(services_.begin(), services_.end(), &service) == services_.end()) return false;
    return service.has_load_balancer_class ? service.load_balancer_class == settings_.load_balancer_class
                                           : settings_.load_balancer_default;
  }
  std::vector<std::string> held(const k8s::Service& service, const std::vector<std::string>& claims,
                                const std::vector<std::string>& ranges, unsigned reserved_at_end) const {
    std::vector<std::string> out;
    for (const auto& claim : claims)
      if (is_given_out(claim, ranges, reserved_at_end) && holds(service, claim) &&
          std::find(out.begin(), out.end(), claim) == out.end())
        out.push_back(claim);
    return out;
  }

  // --- Objects
  void add(const std::string& type, const std::string& name, json fields, const std::string& kind,
           const std::string& uid, const std::string& object) {
    fields["mark"] = kind + " " + uid + " " + object;
    out_[type + " " + name] = std::move(fields);
  }

  static json subnets(const std::vector<std::string>& ranges, bool reserve_nothing) {
    std::set<json> out;
    for (const auto& range : ranges) {
      const bool v4 = Range::parse(range).is_v4();
      out.insert(json{{"cidr", range}, {"gateway", !reserve_nothing ? "default" : v4 ? "0.0.0.0" : "::"}});
    }
    return out;
  }

  void add_shared() {
    const auto add_network = [&](const std::string& name, const std::string& kind, const auto& ranges) {
      add("virtual-network", name, {{"subnets", subnets(ranges, false)}, {"policies", policies_of(name)}}, kind, "",
          name);
    };
    add_network(settings_.default_project + ":addr-alloc", "AddressAllocation", settings_.private_ranges);
    if (settings_.public_ranges.empty()) return;
    if (settings_.public_network_is_anothers) {
      const auto ipam = settings_.default_project + ":__ipam_" + prefixed(last(settings_.public_network));
      add("network-ipam", ipam, json::object(), "PublicIpam", cluster_.namespaces.at("kube-system").meta.uid, ipam);
    } else {
      add_network(settings_.public_network, "PublicNetwork", settings_.public_ranges);
    }
    const auto pool = settings_.public_network + ":" + last(settings_.public_network);
    add("floating-ip-pool", pool, json::object(), "PublicPool", "", pool);
  }

  void add_network(const std::string& network, const Tier& tier, const std::string& kind,
                   const std::vector<std::string>& ranges) {
    add("virtual-network", network,
        {{"subnets", subnets(ranges, kind != "PodTier")}, {"policies", policies_of(network)}}, kind, ns_uid(tier),
        tier);
  }

  void add_pod(const k8s::Pod& pod) {
    const auto key = pod.meta.ns + "/" + pod.meta.name;
    const auto interface = project(pod.meta.ns) + ":" + pod.meta.name;
    const auto network = pod_network(tier_of(pod));
    const auto made = [&](const std::string& type, const std::string& name, json fields) {
      add(type, name, std::move(fields), "Pod", pod.meta.uid, key);
    };
    made("virtual-machine", pod.meta.uid, {{"uuid", pod.meta.uid}, {"display_name", pod.meta.name}});
    made(
        "virtual-machine-interface", interface,
        {{"networks", json::array({network})}, {"machines", json::array({pod.meta.uid})}, {"mac", "of the interface"}});
    Names families;
    for (const auto& range : settings_.private_ranges) families.insert(Range::parse(range).is_v4() ? "" : "_v6");
    for (const auto& family : families) {
      made("instance-ip", pod.meta.uid + family,
           {{"address", "chosen"}, {"networks", json::array({settings_.default_project + ":addr-alloc"})}});
      made("instance-ip", prefixed(pod.meta.ns) + "_" + pod.meta.name + family,
           {{"address", "as allocated"},
            {"networks", json::array({network})},
            {"interfaces", json::array({interface})},
            {"instance_ip_mode", "active-active"}});
    }
    out_["pod-state " + key] = "as in the config API";
  }

  void add_service(const k8s::Service& service) {
    const auto key = service.meta.ns + "/" + service.meta.name;
    const auto address = [&](const std::string& name, const std::string& text, const std::string& owner) {
      const auto served =
          serve(service, text.find(':') == std::string::npos ? k8s::AddressType::ipv4 : k8s::AddressType::ipv6);
      Names interfaces;
      for (const auto* pod : served.pods) interfaces.insert(project(pod->meta.ns) + ":" + pod->meta.name);
      add("floating-ip", name,
          {{"address", text},
           {"interfaces", interfaces},
           {"projects", json::array({owner})},
           {"mappings", served.mappings},
           {"direction", "ingress"}},
          "Service", service.meta.uid, key);
    };
    const auto network = service_network(tier_of(service));
    bool first = true;
    for (const auto& text : held(service, service.cluster_ips, settings_.service_ranges, 1)) {
      const auto suffix = first ? "" : text.find(':') == std::string::npos ? "_v4" : "_v6";
      first = false;
      address(network + ":" + last(network) + ":" + service.meta.name + suffix, text, project(service.meta.ns));
    }
    const auto& public_network = settings_.public_network;
    auto claims = held(service, may_choose(service) ? service.external_ips : std::vector<std::string>(),
                       settings_.public_ranges, 3);
    // The history also decides which addresses get the places of their Namespace.
    if (requested_in(service.meta.ns) > settings_.public_address_limit)
      std::erase_if(claims, [&](const auto& text) { return !had(service, text); });
    if (serves_balancer(service))
      for (const auto& text : service.ingress)
        if (std::find(claims.begin(), claims.end(), text) == claims.end()) claims.push_back(text);
    for (const auto& text : claims)
      address(public_network + ":" + last(public_network) + ":" + prefixed(service.meta.ns) + "_" + service.meta.name +
                  " at " + text,
              text, public_network.substr(0, public_network.rfind(':')));
  }

  const Cluster& cluster_;
  const OracleSettings& settings_;
  std::vector<const k8s::Service*> services_;  // those that count
  std::vector<const k8s::Pod*> pods_;          // those with a network
  Picture out_;
};

}  // namespace

std::set<std::pair<std::string, std::string>> public_claims(const Cluster& cluster, const OracleSettings& settings) {
  return Reading(cluster, settings).public_claims();
}

Picture expected(const Cluster& cluster, const OracleSettings& settings) {
  return Reading(cluster, settings).picture();
}

}  // namespace knm::test
