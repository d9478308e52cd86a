#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/scenarios/objects.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// What there is, for people: a line for each config object ("virtual-network shop:web"), each Pod's pod-state, each
// Service's load-balancer status and each object that has a problem, with its fields. Names are without
// "default-domain:", UIDs are those of the objects that have them, and the objects that a config API has from its start
// are left out. An address that was chosen is shown as what it is: chosen, or the Pod's.
using Graph = std::map<std::string, std::string>;

// Where all that can be seen, be it in memory or on real servers.
struct Sight {
  nlohmann::json objects;                         // of the config API: type → objects, as the stand-in dumps them
  std::map<std::string, std::string> pod_states;  // "ns/name" → what its pod-state annotation says
  std::map<std::string, std::set<std::string>> ingress;   // of each Service, "ns/name": status.loadBalancer
  std::map<std::string, std::set<std::string>> problems;  // "Service ns/name" → reasons
  bool renamed = false;                                   // the names are not those that ids were derived from
};
Sight sight_of(World& world);

// Unless it is shown in full, what is said of a Pod is one line while all its objects are as they should be ("pod
// shop/web-0"), and so is what every cluster has; a mark is shown where it is not ours, or of a later incarnation.
Graph graph_of(const Sight& sight, const KnownUids& uids, bool in_full);

// The same without what may depend on the way to it: which public address has the short name, and whether a shared
// object was adopted or made.
Graph end_of(const Graph& graph);

// "+ …" for each line that is new or different, "- …" for each that is gone; sorted by object.
std::vector<std::string> changes(const Graph& before, const Graph& after);

// "4 created, 1 updated, 2 deleted, 3 Pods annotated, 1 refused", of World's log; "none" where nothing was written.
std::string writes_of(const World& world);

}  // namespace knm::test
