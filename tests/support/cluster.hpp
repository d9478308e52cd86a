#pragma once

#include <map>
#include <set>
#include <string>

#include "k8sclient/api/objects.hpp"

namespace knm::test {

// What an apiserver has, by "ns/name" (namespaces by name).
struct Cluster {
  std::map<std::string, k8s::Namespace> namespaces;
  std::map<std::string, k8s::Pod> pods;
  std::map<std::string, k8s::Service> services;
  std::map<std::string, k8s::EndpointSlice> slices;
  std::set<std::string> outside;  // networks of nobody's that the config API has, by fq_name
  // Who has which address in the config API, as floating IPs say: address → UIDs of Services. It decides who keeps it.
  std::map<std::string, std::set<std::string>> had;
};

}  // namespace knm::test
