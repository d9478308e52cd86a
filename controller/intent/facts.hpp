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

// What the cluster means: the published facts of each unit, in Kubernetes' words. No name, id or address of the config
// API is here.
namespace knm {

enum class UnitKind : std::uint8_t { ns, pod, pod_tier, service_tier, service, external_network };
inline constexpr int unit_kind_count = 6;

// What is recomputed as one. `key` is a namespace's name, "ns/name" of a Pod or Service, a TierKey, or the configured
// name of an external network.
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
  std::string_view name;  // of the key, in its memory
  PackedText uid;
  std::int64_t created = 0;  // seconds since the epoch
  // It is to have a network: from its creation until it is gone or its phase is Succeeded or Failed (object-model rule
  // 4, lifecycle).
  bool wants_network = false;
  bool has_network = false;  // it holds one: wants_network, and its Namespace has a place in the config API
  bool terminating = false;
  bool on_node = false;  // it has its node's network, or stands for a Pod that has
  PackedText tier;
  Shared<std::vector<std::string>> uses;  // names of service tiers of its own namespace, sorted
  std::optional<std::uint64_t> state;     // text_digest() of its pod-state annotation, as the cluster has it
  std::uint64_t resource_version = 0;     // that `state` was read at
  RareList<Problem> problems;

  void set_key(const PackedText& ns_and_name);
  friend bool operator==(const PodFacts&, const PodFacts&) = default;
};

inline void PodFacts::set_key(const PackedText& ns_and_name) {
  key = ns_and_name;
  name = name_of(key.view());
}

// Keys, in the memory of those that have them. Few each, hundreds of thousands of them: sorted, in one block.
using TierSet = boost::container::flat_set<PackedText, std::less<>>;

// Exists exactly while a Pod of the tier holds a network.
struct PodTierFacts {
  TierSet wishes;  // service tiers that its Pods use, or that every Pod uses by configuration; they need not exist
  TierSet serves;  // service tiers whose headless Services its Pods back
  RareList<std::string> outside;  // global networks that exist and that it is connected to, sorted
  friend bool operator==(const PodTierFacts&, const PodTierFacts&) = default;
};

// Exists exactly while a Service of the tier counts, or while none does, an external network takes the tier's place,
// and somebody wishes it.
struct ServiceTierFacts {
  bool addressed = false;     // a Service of it has an address, so the tier has a network of its own
  TierSet users;              // pod tiers that exist and wish it
  TierSet headless_backends;  // pod tiers that back its headless Services
  PackedText external;        // the external network that takes its place (external-service); empty: none
  // Whether there is anything to reach, and anybody else who may: then there is a policy.
  bool open() const;
  friend bool operator==(const ServiceTierFacts&, const ServiceTierFacts&) = default;
};

// Of a network that the configuration names; exists exactly while the network does.
struct ExternalNetworkFacts {
  std::string network;  // its name, as configured
  std::string ns;       // the Namespace whose tier's network it is; empty: none's
  TierSet tiers;        // pod tiers that are connected to it as a global network
  TierSet services;     // service tiers whose place it takes, and that somebody uses
  friend bool operator==(const ExternalNetworkFacts&, const ExternalNetworkFacts&) = default;
};

// What the addresses of a family reach.
struct Reach {
  NameList pods;
  std::vector<contrail::PortMapping> mappings;  // sorted; empty: every port is its own target
  friend bool operator==(const Reach&, const Reach&) = default;
};

struct ServiceFacts {
  std::string ns, name, uid;
  std::int64_t created = 0;
  std::string tier;
  bool counts = true;  // false: it gets nothing; its status may still show what it had
  bool headless = false;
  bool wants_load_balancer = false;                      // type LoadBalancer, and ours to serve
  std::optional<contrail::IpAddress> requested_address;  // spec.loadBalancerIP
  std::optional<Problem> request_refusal;                // why it cannot have that
  bool request_is_void = false;                          // the configuration refuses it, so that it asks for nothing
  std::vector<contrail::Family> refused_families;      // of load-balancer addresses that its Namespace has no place for
  std::vector<contrail::IpAddress> cluster_addresses;  // those that it holds, in order
  std::vector<contrail::IpAddress> external_addresses;  // those of spec.externalIPs that it holds, in order
  std::vector<contrail::IpAddress> ingress;             // those of status.loadBalancer, in order
  std::vector<contrail::Family> families;               // of its ClusterIPs, in order, each once
  std::string status;                                   // status.loadBalancer as the cluster has it: joined by ","
  std::uint64_t resource_version = 0;                   // that `status` was read at
  std::array<Reach, 2> reach;                           // by address family
  std::vector<Problem> problems;
  const Reach& reached(contrail::Family family) const;
  NameList all_backends() const;
  friend bool operator==(const ServiceFacts&, const ServiceFacts&) = default;
};

}  // namespace knm
