#pragma once

#include <string_view>

#include "k8sclient/api/objects.hpp"

namespace k8s {

// The names of a kind of object in the API, and its path.
struct ResourceName {
  std::string_view api_version;  // as in the object: "v1", "discovery.k8s.io/v1"
  std::string_view kind;         // "Pod"; its list is "PodList"
  std::string_view group_path;   // "/api/v1", "/apis/discovery.k8s.io/v1"
  std::string_view plural;       // "pods"
  bool namespaced = true;
};

template <class T>
inline constexpr ResourceName resource_name = {};
template <>
inline constexpr ResourceName resource_name<Pod> = {"v1", "Pod", "/api/v1", "pods"};
template <>
inline constexpr ResourceName resource_name<Service> = {"v1", "Service", "/api/v1", "services"};
template <>
inline constexpr ResourceName resource_name<Namespace> = {"v1", "Namespace", "/api/v1", "namespaces", false};
template <>
inline constexpr ResourceName resource_name<EndpointSlice> = {"discovery.k8s.io/v1", "EndpointSlice",
                                                              "/apis/discovery.k8s.io/v1", "endpointslices"};

}  // namespace k8s
