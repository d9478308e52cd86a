#include "controller/intent/service_rules.hpp"

#include <algorithm>
#include <map>

#include "controller/rule.hpp"

namespace knm {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool needs_mappings(const k8s::Service& service) {
  return std::any_of(service.ports.begin(), service.ports.end(), [](const auto& port) {
    return !port.target_name.empty() || (port.target_port != 0 && port.target_port != port.port);
  });
}

// What the ports mean for one Pod; null: for no Pod in particular, so that named targets are left out.
std::vector<contrail::PortMapping> mappings_for(const k8s::Service& service, const PodFacts* pod) {
  std::vector<contrail::PortMapping> out;
  for (const auto& port : service.ports) {
    std::int32_t target = port.target_port != 0 ? port.target_port : port.port;
    if (!port.target_name.empty()) {
      target = 0;
      if (pod)
        for (const auto& candidate : pod->named_ports)
          if (candidate.name == port.target_name && candidate.protocol == port.protocol) target = candidate.port;
    }
    const bool listed = target != port.port || holds(Rule::every_port);
    if (target != 0 && listed) out.push_back({lower(port.protocol), port.port, target});
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool older(const PodFacts* a, const PodFacts* b) { return std::tie(a->created, a->uid) < std::tie(b->created, b->uid); }

using Group = std::vector<const PodFacts*>;

using Groups = std::map<std::vector<contrail::PortMapping>, Group>;

// Pods by what the ports mean for them. One that has none of the ports serves nothing: behind an address without
// mappings it would be open as a whole.
Groups by_mappings(const k8s::Service& service, const std::vector<const PodFacts*>& pods, Group& portless) {
  Groups groups;
  for (const auto* pod : pods) {
    auto mappings = mappings_for(service, pod);
    (mappings.empty() ? portless : groups[std::move(mappings)]).push_back(pod);
  }
  return groups;
}

// None where every port is its own target; one whose name nobody knows is not.
std::vector<contrail::PortMapping> listed(const k8s::Service& service, std::vector<contrail::PortMapping> mappings) {
  const bool all_known = mappings.size() == service.ports.size();
  const bool differs = std::any_of(mappings.begin(), mappings.end(),
                                   [](const auto& mapping) { return mapping.source != mapping.destination; });
  if (all_known && !differs) mappings.clear();
  return mappings;
}

// The mappings that most Pods agree on; of two with as many, those of the oldest Pod.
const Groups::value_type& majority(const Groups& groups) {
  const auto oldest = [](const Group& group) { return *std::min_element(group.begin(), group.end(), older); };
  return *std::max_element(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
    if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
    return older(oldest(b.second), oldest(a.second));
  });
}

std::vector<ObjectName> sorted_keys(const Group& pods) {
  std::vector<ObjectName> keys;
  keys.reserve(pods.size());
  for (const auto* pod : pods) keys.push_back(pod->key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string names_of(const Group& pods) {
  std::string names;
  for (const auto& key : sorted_keys(pods)) names += (names.empty() ? "" : ", ") + std::string(name_of(key));
  return names;
}

// A port whose name is the target of nothing that is served is closed, and whoever uses it waits in vain.
void report_unreached(const k8s::Service& service, const std::vector<contrail::PortMapping>& served,
                      std::vector<Problem>& out) {
  std::string ports;
  for (const auto& port : service.ports) {
    const bool reached = std::any_of(served.begin(), served.end(), [&](const auto& mapping) {
      return mapping.source == port.port && mapping.protocol == lower(port.protocol);
    });
    if (port.target_name.empty() || reached) continue;
    ports += (ports.empty() ? "" : ", ") + std::to_string(port.port) + " (" + port.target_name + ")";
  }
  if (ports.empty()) return;
  out.push_back({"NamedPortUnreached",
                 "no Pod that the Service is served by has a container port of the name and protocol that a port of it "
                 "has as its target, so that nobody answers there: " +
                     ports + "; name a container port so, or give the target port a number"});
}

}  // namespace

bool has_named_target(const k8s::Service& service) {
  return std::any_of(service.ports.begin(), service.ports.end(),
                     [](const auto& port) { return !port.target_name.empty(); });
}

bool is_headless(const k8s::Service& service) {
  return !service.cluster_ips.empty() && service.cluster_ips.front() == "None" && holds(Rule::headless);
}

bool is_our_load_balancer(const k8s::Service& service, const Settings& settings) {
  if (service.type != k8s::ServiceType::load_balancer) return false;
  if (!holds(Rule::load_balancer_class)) return true;
  if (!service.has_load_balancer_class) return settings.load_balancer_default;
  return !settings.load_balancer_class.empty() && service.load_balancer_class == settings.load_balancer_class;
}

std::optional<Problem> refuse_address(const contrail::IpAddress& address, const std::vector<contrail::Cidr>& ranges,
                                      bool reserved_tail, std::string_view field, std::string_view setting) {
  const auto what = std::string(field) + " " + address.text();
  const auto range =
      std::find_if(ranges.begin(), ranges.end(), [&](const auto& cidr) { return cidr.contains(address); });
  if (range == ranges.end()) {
    if (!holds(Rule::ranges)) return std::nullopt;
    std::string known;
    for (const auto& cidr : ranges) known += (known.empty() ? "" : ", ") + cidr.text();
    return Problem{"AddressOutOfRange", what + " is outside of " + std::string(setting) + " (" +
                                            (known.empty() ? "not set" : known) +
                                            "); use an address of that range, or add its range to the configuration"};
  }
  const auto last = range->last();
  const bool in_tail = reserved_tail && (address.plus(1) == last || address.plus(2) == last);
  if (address != range->base && address != last && !in_tail) return std::nullopt;
  if (!holds(Rule::reserved_addresses)) return std::nullopt;
  return Problem{
      "AddressReserved",
      what + " is reserved in " + range->text() +
          " (the first address, the last, and of a public range the gateway and DNS before it); use another address"};
}

Backends serve(const k8s::Service& service, const std::vector<const PodFacts*>& ready_pods,
               const std::vector<const PodFacts*>& waiting_pods) {
  Backends out;
  // Without an address there is nothing to map: a headless Service's users speak to the Pods themselves.
  if (is_headless(service) || !has_named_target(service)) {
    out.pods = sorted_keys(ready_pods);
    if (needs_mappings(service)) out.mappings = mappings_for(service, nullptr);
    return out;
  }
  Group portless;
  const auto groups = by_mappings(service, ready_pods, portless);
  if (!portless.empty())
    out.problems.push_back({"NamedPortMissing",
                            "no target port of the Service has a name that these Pods know, so they "
                            "do not serve it: " +
                                names_of(portless) + "; name their container ports"});
  if (groups.empty()) {
    // While nobody is ready, what will be mapped is what those that wait know: readiness alone changes no mapping.
    const bool said = !portless.empty();
    const auto waiting = by_mappings(service, waiting_pods, portless);
    const auto mappings = waiting.empty() ? mappings_for(service, nullptr) : majority(waiting).first;
    if (!said && !waiting_pods.empty()) report_unreached(service, mappings, out.problems);
    out.mappings = listed(service, mappings);
    return out;
  }
  const auto& served = majority(groups);
  report_unreached(service, served.first, out.problems);
  out.mappings = listed(service, served.first);
  out.pods = sorted_keys(holds(Rule::named_ports) ? served.second : ready_pods);
  if (groups.size() == 1 || !holds(Rule::named_ports)) return out;
  Group others;
  for (const auto& [mappings, pods] : groups)
    if (&pods != &served.second) others.insert(others.end(), pods.begin(), pods.end());
  out.problems.push_back({"NamedPortsDiffer",
                          "the Pods behind the Service resolve its named target ports differently, and an address "
                          "has one mapping only: " +
                              names_of(others) + " do not serve it; give the port one number in all Pods"});
  return out;
}

}  // namespace knm
