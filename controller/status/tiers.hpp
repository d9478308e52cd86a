#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controller/status/state.hpp"
#include "controller/status/survey.hpp"

namespace knm {

// The part of the state about namespaces, their tiers, and who reaches whom: the facts of the intent, with what the
// table says of the entries that were made of them. Reads only; has no rule of its own.
class TierState {
 public:
  using Json = nlohmann::ordered_json;

  // All outlive it.
  TierState(const Engine& engine, const Survey& survey, const StateLimits& limits);

  std::size_t pods() const { return pods_; }                  // that hold a network
  std::size_t pods_waiting() const { return pods_waiting_; }  // of these, still without their annotation
  std::size_t pod_tiers() const { return pod_tiers_; }
  std::size_t service_tiers() const { return service_tiers_; }
  std::size_t services() const { return services_; }
  std::size_t addresses() const { return addresses_; }
  std::size_t occupied_namespaces() const { return namespaces_.size(); }

  Json namespaces() const;
  // What pods asked for by `uses` and have: one element for each pair of tiers. `total`: how many there are.
  Json access(std::size_t& total) const;
  // What everybody has by configuration: cluster-service and namespace-service.
  Json everybody() const;

 private:
  struct PodTier {
    std::vector<const PodFacts*> waiting, connected;  // by name
    std::map<std::string, std::size_t> uses;          // by service tier of its namespace: how many pods name it
    std::size_t size() const { return waiting.size() + connected.size(); }
  };
  struct Namespace {
    std::map<TierKey, PodTier> pod_tiers;
    std::map<TierKey, std::vector<ObjectKey>> service_tiers;  // their Services, by name
  };

  Json namespace_state(const std::string& name, const Namespace& content) const;
  Json pod_tier(const TierKey& key, const PodTier& tier) const;
  Json pod(const PodFacts& facts) const;
  Json waits_for(const PodFacts& facts) const;
  Json uses(const TierKey& key, const PodTier& tier) const;
  Json service_tier(const TierKey& key, const std::vector<ObjectKey>& services) const;
  Json service(const ObjectKey& key) const;
  Json addresses_of(const ObjectKey& key, const ServiceFacts& facts) const;
  Json addresses_of(const PodFacts& facts) const;
  Json entry(contrail::Type type, const contrail::FqName& name) const;
  Json direct(const ServiceTierFacts& tier, const TierKey& user) const;

  const Engine& engine_;
  const Intent& intent_;
  const Survey& survey_;
  const StateLimits& limits_;
  std::size_t pods_of_tier_ = 0;            // how many are listed
  std::vector<contrail::Family> families_;  // of pod addresses
  std::map<std::string, Namespace> namespaces_;
  std::size_t pods_ = 0, pods_waiting_ = 0, pod_tiers_ = 0, service_tiers_ = 0, services_ = 0, addresses_ = 0;
};

}  // namespace knm
