#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_set.hpp>

#include "contrail-client/ip.hpp"
#include "contrail-client/types.hpp"
#include "controller/base/keys.hpp"
#include "controller/base/name_list.hpp"
#include "controller/base/problem.hpp"
#include "controller/base/rare.hpp"
#include "controller/base/shared.hpp"
#include "controller/intent/labels.hpp"

// The published facts of each unit of the cluster, in Kubernetes' words: without names, ids or addresses of the config
// API.
namespace knm {

enum class UnitKind : std::uint8_t { ns, pod, pod_tier, service_tier, service, external_network };
inline constexpr int unit_kind_count = 6;

// The smallest part that is recomputed. `key` is the name of a Namespace, "ns/name" of a Pod or Service, a TierKey, or
// the configured name of an external network.
struct Unit {
  UnitKind kind;
  std::string key;
  friend auto operator<=>(const Unit&, const Unit&) = default;
};

struct NamespaceFacts {
  std::string name;
  std::string uid;
  std::vector<Problem> problems;
  friend bool operator==(const NamespaceFacts&, const NamespaceFacts&) = default;
};

struct PodFacts {
  ObjectName key;         // "ns/name"
  PackedText ns;          // of the key
  std::string_view name;  // a part of the key
  PackedText uid;
  std::int64_t created = 0;  // seconds since the epoch
  // Whether it should have a network: from its creation until it is deleted or its phase is Succeeded or Failed
  // (object-model rule 4, lifecycle).
  bool wants_network = false;
  bool has_network = false;  // it has one: wants_network, and its Namespace is served
  bool terminating = false;
  bool on_node = false;  // a Pod with hostNetwork, or the mirror of a static one
  PackedText tier;
  Shared<std::vector<std::string>> uses;  // names of service tiers of its own Namespace, sorted
  std::optional<std::uint64_t> state;     // text_digest() of its pod-state annotation in Kubernetes
  std::uint64_t resource_version = 0;     // at which `state` was read
  RareList<Problem> problems;

  void set_key(const PackedText& ns_and_name);
  friend bool operator==(const PodFacts&, const PodFacts&) = default;
};

inline void PodFacts::set_key(const PackedText& ns_and_name) {
  key = ns_and_name;
  name = name_of(key.view());
}

// Keys that share memory with their owners. Few each, in hundreds of thousands of sets: sorted, in one block.
using TierSet = boost::container::flat_set<PackedText, std::less<>>;

// Exists exactly while a Pod of the tier has a network.
struct PodTierFacts {
  TierSet requested;              // service tiers that its Pods use, or all Pods by configuration; they need not exist
  TierSet serves;                 // service tiers with headless Services whose backends are its Pods
  RareList<std::string> outside;  // existing global networks that it is connected to, sorted
  friend bool operator==(const PodTierFacts&, const PodTierFacts&) = default;
};

// Exists exactly while a Service of the tier counts; or while none does, an external network replaces the tier, and a
// pod tier uses it.
struct ServiceTierFacts {
  bool addressed = false;     // a Service of it has an address, so the tier has a network
  TierSet users;              // existing pod tiers that use it
  TierSet headless_backends;  // pod tiers with backends of its headless Services
  PackedText external;        // the external network that replaces it (external-service); empty: none
  // Whether it has a policy: there is a destination, and another tier that may reach it.
  bool open() const;
  friend bool operator==(const ServiceTierFacts&, const ServiceTierFacts&) = default;
};

// For a configured network; exists exactly while the network does.
struct ExternalNetworkFacts {
  std::string network;  // the configured name
  std::string ns;       // the Namespace with a tier of this network; empty: none
  TierSet tiers;        // pod tiers that are connected to it as a global network
  TierSet services;     // service tiers that it replaces, and that are used
  friend bool operator==(const ExternalNetworkFacts&, const ExternalNetworkFacts&) = default;
};

// The backends and port mappings of the addresses of a family.
struct Reach {
  NameList pods;
  std::vector<contrail::PortMapping> mappings;  // sorted; empty: every port is its own target
  friend bool operator==(const Reach&, const Reach&) = default;
};

struct ServiceFacts {
  std::string ns, name, uid;
  std::int64_t created = 0;
  std::string tier;
  bool counts = true;  // false: it gets nothing; its status may still contain former addresses
  bool headless = false;
  bool wants_load_balancer = false;                      // type LoadBalancer, and served by this controller
  std::optional<contrail::IpAddress> requested_address;  // spec.loadBalancerIP
  std::optional<Problem> request_refusal;                // why it cannot have that
  bool request_is_void = false;                          // the configuration refuses it, so it counts as no request
  std::vector<contrail::Family> refused_families;        // of load-balancer addresses beyond the limit of its Namespace
  std::vector<contrail::IpAddress> cluster_addresses;    // the ClusterIPs that it holds, in order
  std::vector<contrail::IpAddress> external_addresses;   // the addresses of spec.externalIPs that it holds, in order
  std::vector<contrail::IpAddress> ingress;              // the addresses of status.loadBalancer, in order
  std::vector<contrail::Family> families;                // of its ClusterIPs, in order, each once
  std::string status;                                    // status.loadBalancer in Kubernetes: joined by ","
  std::uint64_t resource_version = 0;                    // at which `status` was read
  std::array<Reach, 2> reach;                            // by address family
  std::vector<Problem> problems;
  const Reach& reached(contrail::Family family) const;
  NameList all_backends() const;
  friend bool operator==(const ServiceFacts&, const ServiceFacts&) = default;
};

}  // namespace knm
