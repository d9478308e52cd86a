#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/cluster.hpp"

// Kubernetes objects from the words of a command: each says what is different from before.
namespace knm::test {

using Words = std::vector<std::string>;

// Who has which UID, as people name them: "pod shop/web-0", of a later incarnation "pod shop/web-0 #2".
using KnownUids = std::map<std::string, std::string>;

// `words` are what follows the name: `uid=2` begins anew; `name=web` and any other KEY=VALUE is a label, `@KEY=VALUE`
// an annotation (both: none where VALUE is empty); see the sources for the rest. Each throws std::runtime_error where
// it does not understand a word.
k8s::Namespace namespace_of(const Cluster& cluster, const std::string& name, const Words& words, KnownUids& uids);
k8s::Pod pod_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids);
k8s::Service service_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids);
// The slices of a Service that one endpoint more, less or in another state changes: `POD STATE [ports=LIST]
// [family=4|6|fqdn]`. POD is a name, "ns/name", with "#2" of a later incarnation, "-" for an address that is nobody's,
// or "node" for a node's; STATE ready, unready, terminating or gone; LIST as a Service's, with the numbers that its
// ports are resolved to ("80:3000"; 0: all). At first they are "80", as a Service's; then they stay what they were.
std::vector<k8s::EndpointSlice> slices_of(const Cluster& cluster, const std::string& service, const Words& words);

}  // namespace knm::test
