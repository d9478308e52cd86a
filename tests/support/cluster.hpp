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
};

}  // namespace knm::test
