#pragma once

#include <cstdint>

// The rules of the object model (docs/object-model.md), each with the id that its scenario is called by, its enumerator
// and its title. docs/rules.md is made of this list and of the scenarios. New rules go where their id belongs.
#define KNM_RULES(X)                                                                                      \
  X("1.1", label_keys, "The first label key that has a value counts")                                     \
  X("1.2", uses_add_up, "A Pod uses what its label and its annotation name, both added up")               \
  X("1.3", uses_lists, "An annotation names one tier, a comma-separated list or a JSON list")             \
  X("1.4", uses_problems, "A name that is no label value is reported, and the others still count")        \
  X("1.4b", uses_limit, "Of a Pod's names the first 256 count, and more are reported")                    \
  X("1.5", uses_own_namespace, "A Pod uses tiers of its own Namespace")                                   \
  X("2.1", projects, "A Namespace is a project with the Namespace's UID")                                 \
  X("2.2", allocations, "A Pod address is reserved in the cluster before it is used on a network")        \
  X("2.3", public_network, "The public network and its pool are made where a range is configured")        \
  X("2.4", machines, "A Pod is a virtual machine with the Pod's UID and name")                            \
  X("2.4b", macs, "An interface's MAC follows from its uuid")                                             \
  X("2.5", pod_tiers, "The Pods of a tier share a network of their own")                                  \
  X("2.6", service_tiers, "The Services of a tier share a network and a pool of their own")               \
  X("2.6b", nothing_reserved, "A service network reserves no address for a gateway or DNS")               \
  X("2.7", ingress_only, "A service address lets traffic in and not out")                                 \
  X("2.8", external_addresses, "An external IP is a floating IP of the public pool")                      \
  X("2.8b", short_name_stays, "The address that has the short name keeps it")                             \
  X("2.9", policies_have_rules, "The policy of a service tier is there exactly while it has a rule")      \
  X("2.10", reserved_tiers, "A Pod tier whose name a service network could have has another name")        \
  X("2.11", unlabelled, "What has no label is in the tier default-network, or default")                   \
  X("2.12", policy_places, "Policies are attached at major 10")                                           \
  X("2.13", big_policies, "A policy too big for one body has rules with many sources")                    \
  X("2.14", dual_stack, "A second family has addresses of its own")                                       \
  X("2.15", foreign_public_network, "On a public network that is not ours only what it lacks is added")   \
  X("2.16", creation_order, "Nothing is written before what it refers to is there")                       \
  X("3.1", inside_a_tier, "Inside a tier everybody reaches everybody, without a rule")                    \
  X("3.2", uses, "A Pod's tier reaches the service tiers that any of its Pods uses")                      \
  X("3.2b", namespace_services, "Every tier reaches the namespace services of its Namespace")             \
  X("3.2c", cluster_services, "Every tier reaches the cluster services")                                  \
  X("3.3", later_tiers, "A tier that appears later is connected then, and cut when it goes")              \
  X("3.4", global_networks, "A global network is connected to every Pod network")                         \
  X("3.4b", global_connect, "Which Pod networks global networks are connected to is configured")          \
  X("3.4c", global_to_global, "A global network is never connected to another")                           \
  X("3.5", readiness, "A service address reaches the backends that are Ready")                            \
  X("3.5b", publish_not_ready, "publishNotReadyAddresses is respected")                                   \
  X("3.5c", terminating, "A terminating Pod serves no longer, and keeps its network")                     \
  X("3.5d", own_backends, "A slice that names a Pod of another Namespace reaches nobody")                 \
  X("3.5e", strays, "Endpoints that are no Pods with a network of ours are reported")                     \
  X("3.5f", without_backends, "A service address is there without a backend, too")                        \
  X("3.5g", without_selector, "A Service without a selector and without Pods gets nothing")               \
  X("3.5h", families, "An address reaches the Pods that slices of its family show")                       \
  X("3.5i", told_outside, "A Service that leads out of the Pod networks says so, once")                   \
  X("3.6", port_mappings, "As soon as a port differs from its target, ports are mapped")                  \
  X("3.6b", every_port, "Port mappings list every port of the Service, per protocol")                     \
  X("3.6c", named_ports, "Where slices disagree on the ports, the majority of the Pods is served")        \
  X("3.6d", slice_ports, "The numbers of ports are those that the EndpointSlices have")                   \
  X("3.7", headless, "A headless Service opens the networks of its backends to its users")                \
  X("3.8", shared_service_tiers, "Several Services share a tier, and a Pod backs several")                \
  X("3.9", first_policy, "A first policy on a network that is not ours is reported: it closes it")        \
  X("4.1", host_network, "hostNetwork Pods are ignored")                                                  \
  X("4.1b", mirror_pods, "Mirror Pods are ignored")                                                       \
  X("4.2", completed, "A Pod that Succeeded or Failed gives its network up")                              \
  X("4.2b", pending, "A Pod holds its network from its creation")                                         \
  X("4.3", address_cool_down, "A freed Pod address rests before it is given out again")                   \
  X("4.4", pod_state, "A Pod with a network is told what to plug")                                        \
  X("4.4b", pod_state_repair, "Anything else found in the Pod's state is put right")                      \
  X("4.4c", pod_state_removal, "A Pod without a network has no state")                                    \
  X("4.4d", pod_state_uid, "A Pod's state says which Pod it is for")                                      \
  X("4.5", load_balancers, "A LoadBalancer Service gets an address, shown in its status")                 \
  X("4.5b", load_balancer_class, "LoadBalancer Services of another class are another's")                  \
  X("4.5c", load_balancer_request, "A requested load-balancer address is honoured")                       \
  X("4.5d", load_balancer_release, "A load-balancer address is released when the type changes")           \
  X("4.6", external_name, "An ExternalName Service gets nothing")                                         \
  X("4.7", last_pod, "A Pod network goes with the tier's last Pod")                                       \
  X("4.7b", last_service, "A service network goes with the tier's last Service")                          \
  X("4.8", retained_networks, "The network of a cluster service stays")                                   \
  X("4.9", children_first, "What lies in or refers to an object goes before it")                          \
  X("4.10", new_uids, "What comes again under its name with another UID is made anew")                    \
  X("4.11", label_moves, "A Pod that changes its tier keeps interface and MAC")                           \
  X("4.12", address_changes, "An address that changes is deleted and made again")                         \
  X("4.13", changed_ranges, "A range that changed is kept while it is used, and reported")                \
  X("4.14", no_gaps, "Nothing is cut that is wanted before and after, where the config API leaves a way") \
  X("5.1", ranges, "An address outside of the configured ranges is refused")                              \
  X("5.2", reserved_addresses, "An address that its range reserves is refused")                           \
  X("5.3", claims, "Of Services that claim an address, the one that has it keeps it, else the oldest")    \
  X("5.3b", address_limit, "The public addresses of a Namespace are limited")                             \
  X("5.3c", chosen_addresses, "Which Namespaces choose public addresses is configured")                   \
  X("5.3d", address_texts, "Addresses are read as Kubernetes reads them, and others are reported")        \
  X("5.4", unusable_namespace, "Of a Namespace called like the default project nothing is made")          \
  X("5.5", exhausted, "A Pod that found no free address gets one when there is one")                      \
  X("5.6", no_counterpart, "What a Service asks for that the config API has no word for is reported")     \
  X("6.1", derived_ids, "A create that was repeated knows its object by the derived uuid")                \
  X("6.2", marks, "Every object of ours is marked")                                                       \
  X("6.3", adoption, "An unowned object of a desired name is adopted, with its ids")                      \
  X("6.3b", adopted_machines, "A virtual machine is known by the Pod's UID, whatever its name")           \
  X("6.4", conflicts, "What another owner marked is never touched")                                       \
  X("6.5", shared_objects, "What all clusters use is marked as shared")                                   \
  X("6.5b", public_network_of_others, "An existing unowned public network is not adopted")                \
  X("6.6", projects_of_others, "A project of another uuid is never touched")                              \
  X("6.7", entries_of_others, "References, subnets and rules of others stay")                             \
  X("6.8", only_ours_goes, "Nothing is deleted that is not marked ours")                                  \
  X("6.8b", policies_with_others, "A policy with rules of others stays")                                  \
  X("6.9", drift_deleted, "What somebody deletes comes back with the next audit")                         \
  X("6.9b", drift_changed, "What somebody changes is put right with the next audit")                      \
  X("6.10", orphans, "What is marked ours and explained by nothing goes after a grace time")              \
  X("6.11", guard, "What would go of very many at once waits for a person")                               \
  X("6.11b", confirmation, "What would go of many at once is confirmed by a second list")                 \
  X("6.11c", held_traffic, "What is held keeps its backends, policies and rules")                         \
  X("6.12", take_over, "Another cluster of the same name is refused, unless told to take over")           \
  X("6.13", read_only, "Read-only, nothing is written")                                                   \
  X("6.14", cluster_name, "The cluster's name keeps clusters apart")                                      \
  X("7.1", external_services, "A tier that is an existing network is reached by those who use it")        \
  X("7.2", external_service_yields, "A Service tier wins over an external service of its name")

namespace knm {

enum class Rule : std::uint8_t {
#define KNM_RULE_ENUMERATOR(id, name, title) name,
  KNM_RULES(KNM_RULE_ENUMERATOR)
#undef KNM_RULE_ENUMERATOR
};

// Whether a rule is followed. The product does not ask: it follows them all. The copy of its core that the scenarios
// are played with asks where the patches in tests/scenarios/switches/ have put it, to show that each rule's scenario
// notices when its rule is not followed (docs/testing.md).
bool holds(Rule rule);  // tests/scenarios/switch.cpp

}  // namespace knm
