#pragma once

#include <cstdint>

// The rules of the object mapping (docs/object-model.md): the id, which is also part of the name of the scenario, the
// enumerator and the title. docs/rules.md is generated from this list and the scenarios. A new rule is added in the
// order of the ids.
#define KNM_RULES(X)                                                                                              \
  X("1.1", label_keys, "The first label key that has a value counts")                                             \
  X("1.2", uses_add_up, "A Pod uses the tiers that its label and its annotation name")                            \
  X("1.3", uses_lists, "An annotation names one tier, a comma-separated list or a JSON list")                     \
  X("1.4", uses_problems, "A name that is no valid label value is reported, and the others still count")          \
  X("1.4b", uses_limit, "The first 256 names of a Pod count, and more are reported")                              \
  X("1.5", uses_own_namespace, "A Pod uses tiers of its own Namespace")                                           \
  X("2.1", projects, "A Namespace is a project with the Namespace's UID")                                         \
  X("2.2", allocations, "A Pod address is reserved in the cluster before it is used on a network")                \
  X("2.3", public_network, "The public network and its pool are created if a range is configured")                \
  X("2.4", machines, "A Pod is a virtual machine with the Pod's UID and name")                                    \
  X("2.4b", macs, "An interface's MAC follows from its uuid")                                                     \
  X("2.5", pod_tiers, "The Pods of a tier share a network of their own")                                          \
  X("2.6", service_tiers, "The Services of a tier share a network and a pool of their own")                       \
  X("2.6b", nothing_reserved, "A service network reserves no address for a gateway or DNS")                       \
  X("2.7", ingress_only, "A service address lets traffic in and not out")                                         \
  X("2.8", external_addresses, "An external IP is a floating IP of the public pool")                              \
  X("2.8b", short_name_stays, "The address that has the short name keeps it")                                     \
  X("2.9", policies_have_rules, "The policy of a service tier exists exactly while it has a rule")                \
  X("2.10", reserved_tiers, "A Pod tier whose name a service network could have gets another network name")       \
  X("2.11", unlabelled, "Pods without a label are in the tier default-network, Services in default")              \
  X("2.12", policy_places, "Policies are attached at major 10")                                                   \
  X("2.13", big_policies, "A policy too big for one body has rules with many sources")                            \
  X("2.14", dual_stack, "A second family has addresses of its own")                                               \
  X("2.15", foreign_public_network, "Only missing parts are added to a public network of another client")         \
  X("2.16", creation_order, "An object is written after the objects that it refers to")                           \
  X("3.1", inside_a_tier, "The Pods of a tier reach each other without a rule")                                   \
  X("3.2", uses, "A Pod's tier reaches the service tiers that any of its Pods uses")                              \
  X("3.2b", namespace_services, "Every tier reaches the namespace services of its Namespace")                     \
  X("3.2c", cluster_services, "Every tier reaches the cluster services")                                          \
  X("3.3", later_tiers, "A tier is connected when it appears, and disconnected when it goes")                     \
  X("3.4", global_networks, "A global network is connected to every Pod network")                                 \
  X("3.4b", global_connect, "The configuration selects the Pod networks that global networks are connected to")   \
  X("3.4c", global_to_global, "A global network is never connected to another")                                   \
  X("3.5", readiness, "A service address reaches the backends that are Ready")                                    \
  X("3.5b", publish_not_ready, "publishNotReadyAddresses is respected")                                           \
  X("3.5c", terminating, "A terminating Pod no longer serves, and keeps its network")                             \
  X("3.5d", own_backends, "A slice that names a Pod of another Namespace reaches no Pod")                         \
  X("3.5e", strays, "Endpoints that are no Pods with a virtual network are reported")                             \
  X("3.5f", without_backends, "A service address exists also without a backend")                                  \
  X("3.5g", without_selector, "A Service without a selector and without Pods gets no objects")                    \
  X("3.5h", families, "An address reaches the Pods that slices of its family show")                               \
  X("3.5i", outside_notice, "A Service that leads out of the Pod networks is reported once")                      \
  X("3.6", port_mappings, "Ports are mapped if at least one differs from its target")                             \
  X("3.6b", every_port, "Port mappings list every port of the Service, per protocol")                             \
  X("3.6c", named_ports, "If slices disagree on the ports, the majority of the Pods serves")                      \
  X("3.6d", slice_ports, "The port numbers are those of the EndpointSlices")                                      \
  X("3.7", headless, "A headless Service opens the networks of its backends to its users")                        \
  X("3.8", shared_service_tiers, "Several Services share a tier, and a Pod backs several")                        \
  X("3.9", first_policy, "A first policy on an external network is reported, because it closes the network")      \
  X("4.1", host_network, "hostNetwork Pods are ignored")                                                          \
  X("4.1b", mirror_pods, "Mirror Pods are ignored")                                                               \
  X("4.2", completed, "A Pod that Succeeded or Failed loses its network")                                         \
  X("4.2b", pending, "A Pod has its network from its creation")                                                   \
  X("4.3", address_cool_down, "A freed Pod address cools down before it is assigned again")                       \
  X("4.4", pod_state, "A Pod with a network has a pod state")                                                     \
  X("4.4b", pod_state_repair, "Any other value of the pod state is replaced")                                     \
  X("4.4c", pod_state_removal, "A Pod without a network has no pod state")                                        \
  X("4.4d", pod_state_uid, "The pod state names its Pod by the UID")                                              \
  X("4.5", load_balancers, "A LoadBalancer Service gets an address, shown in its status")                         \
  X("4.5b", load_balancer_class, "LoadBalancer Services of another class are left alone")                         \
  X("4.5c", load_balancer_request, "A requested load-balancer address is honoured")                               \
  X("4.5d", load_balancer_release, "A load-balancer address is released when the type changes")                   \
  X("4.6", external_name, "An ExternalName Service gets no objects")                                              \
  X("4.7", last_pod, "A Pod network is deleted with the tier's last Pod")                                         \
  X("4.7b", last_service, "A service network is deleted with the tier's last Service")                            \
  X("4.8", retained_networks, "The network of a cluster service is retained")                                     \
  X("4.9", children_first, "What lies in an object or refers to it is deleted first")                             \
  X("4.10", new_uids, "A new object with the name of a former one gets new config objects")                       \
  X("4.11", label_moves, "A Pod that changes its tier keeps interface and MAC")                                   \
  X("4.12", address_changes, "An address that changes is deleted and created again")                              \
  X("4.13", changed_ranges, "A former range is kept while it is used, and reported")                              \
  X("4.14", no_gaps, "A connection that is desired before and after a change lasts, if the config API allows it") \
  X("5.1", ranges, "An address outside of the configured ranges is refused")                                      \
  X("5.2", reserved_addresses, "An address that its range reserves is refused")                                   \
  X("5.3", claims, "Of Services that claim an address, its holder keeps it; otherwise the oldest gets it")        \
  X("5.3b", address_limit, "The public addresses of a Namespace are limited")                                     \
  X("5.3c", chosen_addresses, "The configuration selects the Namespaces that may choose public addresses")        \
  X("5.3d", address_texts, "Addresses are parsed as Kubernetes parses them, and invalid ones are reported")       \
  X("5.4", unusable_namespace, "A Namespace with the name of the default project gets no objects")                \
  X("5.5", exhausted, "A Pod without an address gets one as soon as one is free")                                 \
  X("5.6", no_counterpart, "Settings of a Service that the config API cannot express are reported")               \
  X("6.1", derived_ids, "A repeated create recognises its object by the derived uuid")                            \
  X("6.2", marks, "Every object that the controller creates has owner annotations")                               \
  X("6.3", adoption, "An unowned object of a desired name is adopted, with its ids")                              \
  X("6.3b", adopted_machines, "A virtual machine is recognised by the Pod's UID, not by its name")                \
  X("6.4", conflicts, "A foreign object is never changed")                                                        \
  X("6.5", shared_objects, "Objects that all clusters use have the owner shared")                                 \
  X("6.5b", public_network_of_others, "An existing unowned public network is not adopted")                        \
  X("6.6", projects_of_others, "A project with another uuid is never changed")                                    \
  X("6.7", entries_of_others, "References, subnets and rules of other clients stay")                              \
  X("6.8", only_ours_goes, "Only owned objects are deleted")                                                      \
  X("6.8b", policies_with_others, "A policy with rules of other clients stays")                                   \
  X("6.9", drift_deleted,                                                                                         \
    "An object that another client deletes is created again: "                                                    \
    "at once after a notification, else by the next audit")                                                       \
  X("6.9b", drift_changed,                                                                                        \
    "A field that another client changes is restored: "                                                           \
    "at once after a notification, else by the next audit")                                                       \
  X("6.10", orphans, "An orphan is deleted after a grace time")                                                   \
  X("6.11", guard, "The deletion of very many objects waits for a person")                                        \
  X("6.11b", confirmation, "The deletion of many objects waits for a second list")                                \
  X("6.11c", held_traffic, "An object whose deletion is held keeps its backends, policies and rules")             \
  X("6.12", take_over, "A cluster with a duplicate cluster name is refused, except to take over")                 \
  X("6.13", read_only, "In read-only mode nothing is written")                                                    \
  X("6.14", cluster_name, "The cluster name separates clusters")                                                  \
  X("7.1", external_services, "An external service is reached by the Pods that use its tier")                     \
  X("7.2", external_service_yields, "A service tier has precedence over an external service of its name")

namespace knm {

enum class Rule : std::uint8_t {
#define KNM_RULE_ENUMERATOR(id, name, title) name,
  KNM_RULES(KNM_RULE_ENUMERATOR)
#undef KNM_RULE_ENUMERATOR
};

// Whether a rule is applied. The product always applies all rules. The scenarios use a copy of its core with the
// patches in tests/scenarios/switches/, which call this function to show that a scenario fails without its rule
// (docs/testing.md).
bool holds(Rule rule);  // tests/scenarios/switch.cpp

}  // namespace knm
