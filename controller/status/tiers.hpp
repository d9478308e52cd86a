#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controller/status/json_text.hpp"
#include "controller/status/progress.hpp"
#include "controller/status/state.hpp"
#include "controller/status/steps.hpp"

namespace knm {

// The part of the state about Namespaces, their tiers, and the access between them: the facts of the intent, with the
// progress of their entries. Read-only; has no rule of its own.
//
// First the names of all objects are collected; the data of each is read when it is written, and objects deleted by
// then are left out.
class TierState {
 public:
  // Both must outlive it.
  TierState(const Engine& engine, const StateLimits& limits);

  Steps collect();
  // After that:
  std::size_t pods() const { return pods_; }                  // Pods with a network
  std::size_t pods_waiting() const { return pods_waiting_; }  // of these, the ones without their annotation
  std::size_t pod_tiers() const { return pod_tiers_; }
  std::size_t service_tiers() const { return service_tiers_; }
  std::size_t services() const { return services_; }
  std::size_t addresses() const { return addresses_; }
  std::size_t occupied_namespaces() const { return namespaces_.size(); }

  // Each writes a list.
  Steps namespaces(JsonText& out) const;
  // Access that Pods requested by `uses` and have: one element for each pair of tiers. `total`: the number of pairs.
  Steps access(JsonText& out, std::size_t& total) const;
  // Access for all Pods by configuration: cluster-service and namespace-service.
  Steps everybody(JsonText& out) const;

 private:
  struct PodTier {
    std::set<PackedText> waiting, connected;  // keys of Pods
    std::map<std::string, std::size_t> uses;  // by service tier of its Namespace: the number of Pods that name it
    std::size_t size() const { return waiting.size() + connected.size(); }
  };
  struct Namespace {
    std::map<TierKey, PodTier> pod_tiers;
    std::map<TierKey, std::set<PackedText>> service_tiers;  // their Services
  };

  void collect_pod(const PodFacts& facts);
  void collect_service(const PackedText& key, const ServiceFacts& facts);
  Steps pod_tier(const TierKey& key, const PodTier& tier, JsonText& out) const;
  std::vector<PackedText> listed_pods(const PodTier& tier) const;
  Json pod(const PodFacts& facts) const;
  Json waits_for(const PodFacts& facts) const;
  bool is_open(const TierKey& service_tier) const;
  Json use(const TierKey& target, std::size_t count, const PodTier& tier) const;
  bool leads_to_nodes(const TierKey& tier) const;
  Steps service_tier(const TierKey& key, const std::set<PackedText>& services, JsonText& out) const;
  Steps service(ObjectKey key, JsonText& out) const;
  Json addresses_of(const ObjectKey& key, const ServiceFacts& facts) const;
  Json addresses_of(const PodFacts& facts) const;
  Json entry(contrail::Type type, const contrail::FqName& name) const;
  std::string_view state_of_entry(SlotId id) const { return name(progress_of(engine_.table(), id)); }
  Json edge(const TierKey& from, const TierKey& to, std::size_t count, std::size_t of) const;
  Json for_everybody(const TierKey& to, std::string_view rule, Json scope) const;
  Json direct(const ServiceTierFacts& tier, const TierKey& user) const;

  const Engine& engine_;
  const Intent& intent_;
  const StateLimits& limits_;
  std::set<TierKey> idle_tiers_;            // tiers of Services that get nothing
  std::size_t pods_of_tier_ = 0;            // number of listed Pods
  std::vector<contrail::Family> families_;  // of pod addresses
  std::map<PackedText, Namespace> namespaces_;
  std::size_t pods_ = 0, pods_waiting_ = 0, pod_tiers_ = 0, service_tiers_ = 0, services_ = 0, addresses_ = 0;
};

}  // namespace knm
