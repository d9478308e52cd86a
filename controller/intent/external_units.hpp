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

// What tiers hear of external networks, during ExternalUnits::settle().
class ExternalListener {
 public:
  // A network came or went. `global`: every pod tier may be connected to it. `tiers`: the names of the service tiers,
  // in any Namespace, whose place it takes.
  virtual void external_network_changes(bool global, const std::vector<std::string>& tiers) = 0;

 protected:
  ~ExternalListener() = default;
};

// The external networks: those that every pod network is connected to (object-model rule 3.4), and those that take the
// place of a service tier (object-model section 7). All that the configuration names have a record; a unit exists while
// its network does.
class ExternalUnits {
 public:
  // Keeps references to all of them.
  ExternalUnits(const Settings& settings, Changes& changes, ExternalListener& listener);
  ExternalUnits(const ExternalUnits&) = delete;
  ExternalUnits& operator=(const ExternalUnits&) = delete;

  // Whether an inventory shows the network. Whether that is news; of a network that is not configured it is none.
  bool put(std::string_view network, bool exists);
  // A tier of this cluster came to have a network of this name in the project of a Namespace, or ceased to. It may be
  // one of those here.
  void count_own(std::string_view ns, std::string_view network, bool in);
  // A pod tier is connected to a global network from now on, or no longer.
  void connect(std::string_view network, const PackedText& pod_tier, bool in);
  // A network takes the place of a service tier that is open from now on, or no longer.
  void serve(std::string_view network, const PackedText& service_tier, bool in);

  bool is_settled() const { return dirty_.empty(); }
  void settle();

  // Null while the network does not exist.
  const ExternalNetworkFacts* find(std::string_view network) const { return facts_in(networks_, network); }
  // "ns/network" where a configured network lies in a Namespace's project; otherwise empty.
  std::string_view place_of(std::string_view network) const;
  // The global networks that a pod tier is connected to, sorted (object-model rule 3.4).
  std::vector<std::string> global_networks(std::string_view ns, std::string_view pod_tier) const;
  // All that the configuration names, there or not, sorted.
  std::vector<std::string> configured() const;
  // Of those that exist, sorted.
  std::vector<PackedText> keys() const { return keys_with_facts(networks_, std::nullopt); }

 private:
  struct Record {
    bool global = false;
    std::vector<std::string> services;  // names of the service tiers whose place it takes
    TierKey place;                      // "ns/network" where it lies in a Namespace's project
    bool found = false;                 // an inventory showed it
    bool shared = false;                // the controller makes it for all clusters
    std::size_t own = 0;                // tiers of this cluster whose network it is
    std::optional<ExternalNetworkFacts> facts;
    bool exists() const { return found || shared || own > 0; }
  };
  void configure();
  void settle(const std::string& network);

  const Settings& settings_;
  Changes& changes_;
  ExternalListener& listener_;
  std::map<std::string, Record, std::less<>> networks_;  // all that are configured
  TextMap<std::string> by_place_;                        // names of those that have a place
  std::set<std::string> dirty_;
};

}  // namespace knm
