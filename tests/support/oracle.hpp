#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/cluster.hpp"

// A second opinion on what a cluster means: computed from the Kubernetes objects by the words of the object model, as
// plainly as it can be said, and without a line of the controller. Slow, whole and forgetful on purpose.
namespace knm::test {

// The configuration as text, with the defaults of the object model; what the controller calls Settings.
struct OracleSettings {
  std::string domain = "default-domain";
  std::string default_project = "default-domain:default-project";
  std::string public_network = "default-domain:default-project:Public";
  bool public_network_is_anothers = false;  // it existed unowned, with no subnet of the public ranges
  std::string cluster_name;
  std::vector<std::string> public_ranges, private_ranges = {"10.0.0.0/16"}, service_ranges = {"10.254.0.0/16"};
  std::vector<std::string> tier_keys = {"name"}, uses_keys = {"uses"};
  std::vector<std::pair<std::string, std::string>> cluster_services;  // namespace, tier
  std::vector<std::string> namespace_services = {"default"};
  std::set<std::string> foreign_projects;  // Namespaces whose project is somebody else's
  std::vector<std::string> global_networks;
  std::string global_include = ".*", global_exclude;  // regular expressions; empty: matches nothing
  struct External {
    std::string network;
    std::set<std::string> namespaces;  // empty: all
  };
  std::map<std::string, External> external_services;  // by tier
  std::string load_balancer_class;
  bool load_balancer_default = true;
  std::size_t public_address_limit = 32;
  std::set<std::string> external_ip_namespaces;  // empty: all
};

// Config objects as "<type> <fq_name>" → the fields that are ours; a Pod's annotation as "pod-state <ns>/<pod>".
//
// What may differ from run to run is written as what must hold of it: "chosen" is an address of a Pod that is within
// its range, not reserved there and nobody else's; "of the interface" a MAC that belongs to the interface's uuid. A
// public address is listed by its Service and address: which one has the short name depends on history. So does which
// address a LoadBalancer Service has: its status says so, and wrong_statuses() whether it may.
using Picture = std::map<std::string, nlohmann::json>;

// What must be there. Which of several claimants has an address is history: `cluster.had` says who has it, and it must
// be one of them; where none of them is there, it must be the oldest.
Picture expected(const Cluster& cluster, const OracleSettings& settings);

// Which Services may claim which addresses by their specifications, and what becomes of them does not depend on others
// than these: pairs of a Service's UID and an address of the public ranges.
std::set<std::pair<std::string, std::string>> public_claims(const Cluster& cluster, const OracleSettings& settings);
// Of a dump of the config API: address → UIDs of the Services that floating IPs of this cluster were made for.
std::map<std::string, std::set<std::string>> addresses_had(const std::string& dump, const Cluster& cluster,
                                                           const OracleSettings& settings);

// What is there, of a dump of the config API and the Pods' annotations. What carries no mark of this cluster is left
// out, and so are fields that are not ours.
Picture observed(const std::string& dump, const Cluster& cluster, const OracleSettings& settings);

// What must be there, with what may be: the network of a `cluster-service` tier stays without its Services, bare, and
// with its project even without its Namespace. Whether it does is history; how it looks is not.
Picture with_retained(Picture wanted, const Picture& there, const Cluster& cluster, const OracleSettings& settings);

// What the controller says about something that it cannot give.
struct Complaint {
  std::string reason, text;
};
using Complaints = std::map<std::string, std::vector<Complaint>>;  // by Service, "ns/name"

// What is wrong with the statuses of LoadBalancer Services, one line each, where the expected() picture has these
// statuses' addresses. What a Service lacks is excused by a complaint about that very address or family alone.
std::vector<std::string> wrong_statuses(const Picture& expected, const Cluster& cluster, const OracleSettings& settings,
                                        const Complaints& complaints);

// One line for each entry that differs: "missing: …", "too much: …", "differs: …".
std::vector<std::string> differences(const Picture& expected, const Picture& observed);

}  // namespace knm::test
