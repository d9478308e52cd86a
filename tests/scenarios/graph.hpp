#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/scenarios/objects.hpp"
#include "tests/support/world.hpp"

namespace knm::test {

// The observed state in readable form: a line for each config object ("virtual-network shop:web"), each pod state, each
// load-balancer status and each object with a problem, with its fields. Names have no "default-domain:", UIDs are
// replaced by the names of their objects, and the objects that a config API has from its start are omitted. A chosen
// address is shown as "chosen", or as the address of the Pod.
using Graph = std::map<std::string, std::string>;

// The sources of the observed state, in memory or from real servers.
struct Sight {
  nlohmann::json objects;  // of the config API: type → objects, in the form of the stand-in's dump
  std::map<std::string, std::string> pod_states;          // "ns/name" → the text of its pod state
  std::map<std::string, std::set<std::string>> ingress;   // of each Service, "ns/name": status.loadBalancer
  std::map<std::string, std::set<std::string>> problems;  // "Service ns/name" → reasons
  bool renamed = false;                                   // the names are not those from which the ids were derived
};
Sight sight_of(World& world);

// Except with `in_full`, a Pod is one line while all its objects are in sync ("pod shop/web-0"), and the objects of
// every cluster are omitted. Owner annotations are shown if they are not this cluster's, or of a later incarnation.
Graph graph_of(const Sight& sight, const KnownUids& uids, bool in_full);

// The same without the parts that depend on the history: which public address has the short name, and whether a shared
// object was adopted or created.
Graph end_of(const Graph& graph);

// "+ …" for each new or changed line, "- …" for each deleted one; sorted by object.
std::vector<std::string> changes(const Graph& before, const Graph& after);

// "4 created, 1 updated, 2 deleted, 3 Pods annotated, 1 refused", from the log of the World; "none" without writes.
std::string writes_of(const World& world);

}  // namespace knm::test
