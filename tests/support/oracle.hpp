#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/cluster.hpp"

// The oracle: an independent computation of the config objects from the Kubernetes objects by the rules of the object
// mapping, as plain as possible and without any code of the controller. It is slow and computes everything again on
// purpose.
namespace knm::test {

// The configuration as text, with the defaults of the object mapping; the controller calls it Settings.
struct OracleSettings {
  std::string domain = "default-domain";
  std::string default_project = "default-domain:default-project";
  std::string public_network = "default-domain:default-project:Public";
  bool public_network_is_anothers = false;  // it existed unowned, without a subnet of the public ranges
  std::string cluster_name;
  std::vector<std::string> public_ranges, private_ranges = {"10.0.0.0/16"}, service_ranges = {"10.254.0.0/16"};
  std::vector<std::string> tier_keys = {"name"}, uses_keys = {"uses"};
  std::vector<std::pair<std::string, std::string>> cluster_services;  // Namespace, tier
  std::vector<std::string> namespace_services = {"default"};
  std::set<std::string> foreign_projects;  // Namespaces whose project has another owner
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

// Config objects as "<type> <fq_name>" → the fields that the controller writes; a Pod annotation as "pod-state
// <ns>/<pod>". A value that may differ from run to run is replaced by its condition: "chosen" is an address of a Pod
// that is in its range, not reserved there and assigned once; "of the interface" is a MAC that belongs to the
// interface's uuid. A
// public address is listed by its Service and address, since the history decides which one has the short name. The
// history also decides the address of a LoadBalancer Service: its status shows it, and wrong_statuses() checks it.
using Picture = std::map<std::string, nlohmann::json>;

// The desired objects. Of several claimants the history decides which one has an address: `cluster.had` shows it, and
// it must be one of them. If none of them has it, the oldest one gets it.
Picture expected(const Cluster& cluster, const OracleSettings& settings);

// The addresses of the public ranges that Services claim by their specifications, as pairs of UID and address. What
// becomes of them depends on these claims only.
std::set<std::pair<std::string, std::string>> public_claims(const Cluster& cluster, const OracleSettings& settings);
// Address → UIDs of the Services for which the floating IPs of this cluster were created, from a dump of the config
// API.
std::map<std::string, std::set<std::string>> addresses_had(const std::string& dump, const Cluster& cluster,
                                                           const OracleSettings& settings);

// The observed objects, from a dump of the config API and the annotations of the Pods. Foreign and unowned objects are
// left out, and so are fields that the controller does not write.
Picture observed(const std::string& dump, const Cluster& cluster, const OracleSettings& settings);

// Adds retained networks to the desired objects: the network of a `cluster-service` tier stays without its Services,
// without policies, and with its project even without its Namespace. The history decides whether it exists, but not its
// content.
Picture with_retained(Picture desired, const Picture& there, const Cluster& cluster, const OracleSettings& settings);

// A problem that the controller reports.
struct ReportedProblem {
  std::string reason, text;
};
using ReportedProblems = std::map<std::string, std::vector<ReportedProblem>>;  // by Service, "ns/name"

// The errors in the statuses of LoadBalancer Services, one line each; the expected() picture contains the addresses of
// these statuses. A missing address is only accepted with a problem about this address or family.
std::vector<std::string> wrong_statuses(const Picture& expected, const Cluster& cluster, const OracleSettings& settings,
                                        const ReportedProblems& problems);

// One line for each entry that differs: "missing: …", "too much: …", "differs: …".
std::vector<std::string> differences(const Picture& expected, const Picture& observed);

}  // namespace knm::test
