#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/facts.hpp"
#include "controller/model/names.hpp"
#include "controller/model/owners.hpp"

namespace knm {

// Renders config objects from facts: name, derived uuid, owner annotations and content (docs/object-model.md,
// "Objects").
//
// It has no state: what the facts lack is an argument, so equal arguments give equal objects. Rules have no ids, and
// references no uuids.
class ObjectRenderer {
 public:
  // Access policies and global policies that a network refers to, in this order; each once, even if listed several
  // times.
  using Policies = std::vector<contrail::FqName>;

  // All of them must outlive it. The owner (Owners::set) is set before the first object is rendered.
  ObjectRenderer(const Settings& settings, const Names& names, const Owners& owners)
      : settings_(settings), names_(names), owners_(owners) {}

  // --- Shared networks. `ipams` has the subnets without their ids.
  contrail::Object allocation_network(std::vector<contrail::IpamReference> ipams, Policies policies) const;
  contrail::Object public_network(std::vector<contrail::IpamReference> ipams, Policies policies) const;
  contrail::Object public_pool() const;
  contrail::Object public_ipam() const;  // of this cluster only, in a public network that another client made

  contrail::Object project(const NamespaceFacts& ns) const;

  // --- Tiers. `ns_uid`: the UID of the tier's Namespace.
  contrail::Object pod_network(const TierKey& tier, std::string_view ns_uid, Policies policies) const;
  contrail::Object service_network(const TierKey& tier, std::string_view ns_uid, Policies policies) const;
  contrail::Object service_pool(const TierKey& tier, std::string_view ns_uid) const;
  // `bundled`: whether it has rules with many sources now, as in rules_between().
  contrail::Object access_policy(const TierKey& tier, std::string_view ns_uid, const ServiceTierFacts& facts,
                                 bool bundled) const;

  // --- External networks
  // Contains only the references to policies of this cluster.
  contrail::Object external_network(const contrail::FqName& name, Policies policies) const;
  // `ns_uid`: of the Namespace in whose project the policy lies; empty: none, so that it exists as long as the cluster.
  contrail::Object global_policy(const ExternalNetworkFacts& network, std::string_view ns_uid, bool bundled) const;

  // --- Pods
  contrail::Object virtual_machine(const PodFacts& pod) const;
  contrail::Object interface(const PodFacts& pod, std::string mac) const;
  // The instance-ips of a family: the one that reserves the address in the cluster, and the one on the tier's network.
  // Without an address the server chooses one.
  contrail::Object reservation(const PodFacts& pod, contrail::Family family,
                               std::optional<contrail::IpAddress> address) const;
  contrail::Object instance_ip(const PodFacts& pod, contrail::Family family,
                               std::optional<contrail::IpAddress> address) const;

  // --- Services
  // `second`: the Service has another ClusterIP before this one.
  contrail::Object cluster_address(const ServiceFacts& service, const contrail::IpAddress& address, bool second) const;
  // `short_name`: whether its name lacks the address.
  contrail::Object public_address(const ServiceFacts& service, const contrail::IpAddress& address,
                                  bool short_name) const;

  // --- Sources and destinations of policies
  std::vector<contrail::FqName> pod_networks(const TierSet& pod_tiers) const;
  // The networks that users of a service tier reach: its own, those of headless backends, the external one.
  std::vector<contrail::FqName> destinations(const TierKey& tier, const ServiceTierFacts& facts) const;

  // --- Owner annotations alone
  // The annotation of an owned object, or of a shared object that this cluster uses.
  std::map<std::string, std::string> owner_annotation(bool shared) const;
  // For an access policy without annotations that was left in a project of this cluster, whose uuid is an argument.
  std::map<std::string, std::string> leftover_annotations(const contrail::FqName& policy,
                                                          const contrail::Uuid& project) const;

 private:
  contrail::Object owned(contrail::Type type, contrail::FqName name, const contrail::Uuid& uuid, std::string_view kind,
                         std::string_view uid, std::string_view object) const;
  contrail::Object shared(contrail::Type type, contrail::FqName name, std::string_view kind) const;
  contrail::Object of_pod(const PodFacts& pod, contrail::Type type, contrail::FqName name,
                          const contrail::Uuid& uuid) const;
  contrail::Object of_service(const ServiceFacts& service, const contrail::IpAddress& address,
                              contrail::FqName name) const;
  void add_rules(contrail::Object& policy, const TierSet& users, const std::vector<contrail::FqName>& networks,
                 bool bundled) const;

  const Settings& settings_;
  const Names& names_;
  const Owners& owners_;
};

// The derived uuid of the interface of a Pod.
contrail::Uuid interface_uuid(std::string_view pod_uid);

}  // namespace knm
