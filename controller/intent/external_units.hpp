#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/changes.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/unit_keys.hpp"

namespace knm {

// Receives changes of external networks that concern tiers, during ExternalUnits::settle().
class ExternalListener {
 public:
  // A network appeared or disappeared. `global`: every pod tier may be connected to it. `tiers`: the names of the
  // service tiers, in any Namespace, that it replaces.
  virtual void external_network_changes(bool global, const std::vector<std::string>& tiers) = 0;

 protected:
  ~ExternalListener() = default;
};

// The external networks: those to which every pod network is connected (object-model rule 3.4), and those that replace
// a service tier (object-model section 7). Each configured network has a record; a unit exists while its network does.
class ExternalUnits {
 public:
  // Retains references to all of them.
  ExternalUnits(const Settings& settings, Changes& changes, ExternalListener& listener);
  ExternalUnits(const ExternalUnits&) = delete;
  ExternalUnits& operator=(const ExternalUnits&) = delete;

  // Whether an inventory shows the network. Returns whether that changed; false if the network is not configured.
  bool put(std::string_view network, bool exists);
  // A tier of this cluster has a network of this name in the project of a Namespace from now on, or no longer. It may
  // be one of the configured networks.
  void count_own(std::string_view ns, std::string_view network, bool in);
  // A pod tier is connected to a global network from now on, or no longer.
  void connect(std::string_view network, const PackedText& pod_tier, bool in);
  // A network replaces an open service tier from now on, or no longer.
  void serve(std::string_view network, const PackedText& service_tier, bool in);

  bool is_settled() const { return dirty_.empty(); }
  void settle();

  // Null: the network does not exist.
  const ExternalNetworkFacts* find(std::string_view network) const { return facts_in(networks_, network); }
  // "ns/network" if a configured network lies in a Namespace's project; otherwise empty.
  std::string_view place_of(std::string_view network) const;
  // The global networks that a pod tier is connected to, sorted (object-model rule 3.4).
  std::vector<std::string> global_networks(std::string_view ns, std::string_view pod_tier) const;
  // All configured networks, existing or not, sorted.
  std::vector<std::string> configured() const;
  // The existing ones, sorted.
  std::vector<PackedText> keys() const { return keys_with_facts(networks_, std::nullopt); }

 private:
  struct Record {
    bool global = false;
    std::vector<std::string> services;  // names of the service tiers that it replaces
    TierKey place;                      // "ns/network" if it lies in a Namespace's project
    bool found = false;                 // an inventory showed it
    bool shared = false;                // a shared network, which the controller creates
    std::size_t own = 0;                // the number of tiers of this cluster with this network
    std::optional<ExternalNetworkFacts> facts;
    bool exists() const { return found || shared || own > 0; }
  };
  void configure();
  void settle(const std::string& network);

  const Settings& settings_;
  Changes& changes_;
  ExternalListener& listener_;
  std::map<std::string, Record, std::less<>> networks_;  // all configured networks
  TextMap<std::string> by_place_;                        // names of the networks with a place
  std::set<std::string> dirty_;
};

}  // namespace knm
