#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/config/settings.hpp"
#include "k8sclient/api/objects.hpp"

// A cluster of any size for benchmarks, identical in every run.
namespace knm::bench {

// The shape of a cluster. Each Namespace has as many tiers as Services. Its Pods are distributed over the tiers; each
// Pod uses the next tier and backs one Service.
struct Shape {
  std::size_t pods = 1000;
  std::size_t pods_per_namespace = 100;
  std::size_t services_per_namespace = 20;
  std::size_t public_services_per_namespace = 2;  // the first ones: each with an external IP besides its ClusterIP
};

class Cluster {
 public:
  explicit Cluster(Shape shape) : shape_(shape) {}

  const Shape& shape() const { return shape_; }
  // Ranges that are large enough for such a cluster.
  Settings settings() const;

  std::size_t namespaces() const { return (shape_.pods + shape_.pods_per_namespace - 1) / shape_.pods_per_namespace; }

  static k8s::Namespace kube_system();
  k8s::Namespace ns(std::size_t n) const;
  k8s::Service service(std::size_t n, std::size_t tier) const;
  // The Pods of a Namespace are numbered; a number beyond pods_per_namespace is a Pod that is created later.
  k8s::Pod pod(std::size_t n, std::size_t number) const;
  // The Pod with these names.
  k8s::Pod pod_named(std::string_view ns, std::string_view name) const;
  // pod_named() of a copy of this object.
  std::function<k8s::Pod(std::string_view ns, std::string_view name)> pods_by_name() const {
    return [cluster = *this](std::string_view ns, std::string_view name) { return cluster.pod_named(ns, name); };
  }
  std::size_t tier_of(std::size_t number) const { return number % shape_.services_per_namespace; }

  // The slice of a Service with a Pod: at most 100 endpoints, as from the endpoints controller. `ready` returns whether
  // the Pod of a number is ready; Pods without `exists` are omitted.
  using Test = std::function<bool(std::size_t number)>;
  k8s::EndpointSlice slice_with(std::size_t n, std::size_t number, const Test& exists, const Test& ready) const;
  // All slices of a Service; all its Pods exist and are ready.
  std::vector<k8s::EndpointSlice> slices(std::size_t n, std::size_t tier) const;

 private:
  Shape shape_;
};

}  // namespace knm::bench
