#pragma once

#include <map>
#include <set>
#include <string>

#include "k8sclient/api/objects.hpp"

namespace knm::test {

// The objects of an API server by "ns/name" (Namespaces by name).
struct Cluster {
  std::map<std::string, k8s::Namespace> namespaces;
  std::map<std::string, k8s::Pod> pods;
  std::map<std::string, k8s::Service> services;
  std::map<std::string, k8s::EndpointSlice> slices;
  std::set<std::string> external_networks;  // unowned networks of the config API by fq_name
  // Address → UIDs of the Services that have a floating IP with it. A Service that has an address keeps it.
  std::map<std::string, std::set<std::string>> had;
};

}  // namespace knm::test
