#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/cluster.hpp"

// Kubernetes objects from the words of a command; each word changes one field.
namespace knm::test {

using Words = std::vector<std::string>;

// UID → readable name: "pod shop/web-0", for a later incarnation "pod shop/web-0 #2".
using KnownUids = std::map<std::string, std::string>;

// `words` follow the name: `uid=2` starts a new incarnation; `name=web` and any other KEY=VALUE is a label,
// `@KEY=VALUE` an annotation (an empty VALUE removes both); see the sources for the rest. Each function throws
// std::runtime_error for an unknown word.
k8s::Namespace namespace_of(const Cluster& cluster, const std::string& name, const Words& words, KnownUids& uids);
k8s::Pod pod_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids);
k8s::Service service_of(const Cluster& cluster, const std::string& key, const Words& words, KnownUids& uids);
// The slices of a Service that change when one endpoint is added, removed or changed: `POD STATE [ports=LIST]
// [family=4|6|fqdn]`. POD is a name, "ns/name", with "#2" for a later incarnation, "-" for an address without a Pod, or
// "node" for the address of a node; STATE is ready, unready, terminating or gone; LIST has the form of a Service's,
// with the resolved numbers of its ports ("80:3000"; 0: all). The default is "80", as for a Service; later the ports
// stay as they are.
std::vector<k8s::EndpointSlice> slices_of(const Cluster& cluster, const std::string& service, const Words& words);

}  // namespace knm::test
