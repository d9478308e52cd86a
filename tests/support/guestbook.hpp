#pragma once

#include "tests/support/world.hpp"

namespace knm::test {

// guestbook-go as in examples/, in the Namespace `gb`, with the DNS Service of kube-system: six ready Pods in three
// tiers.
class Guestbook {
 public:
  static std::vector<k8s::Pod> redis_master() { return {make_pod("gb", "redis-master-0", "redis-master")}; }
  static std::vector<k8s::Pod> redis_slave() {
    return {make_pod("gb", "redis-slave-0", "redis-slave", {.uses_label = "redis-master"}),
            make_pod("gb", "redis-slave-1", "redis-slave", {.uses_label = "redis-master"})};
  }
  static std::vector<k8s::Pod> guestbook() {
    std::vector<k8s::Pod> pods;
    for (int i = 0; i < 3; ++i)
      pods.push_back(
          make_pod("gb", "guestbook-" + std::to_string(i), "guestbook", {.uses = "redis-master,redis-slave"}));
    return pods;
  }
  static std::vector<k8s::Pod> all_pods() {
    auto pods = redis_master();
    for (const auto& pod : redis_slave()) pods.push_back(pod);
    for (const auto& pod : guestbook()) pods.push_back(pod);
    return pods;
  }
  static std::vector<k8s::Service> services() {
    return {make_service("kube-system", "kube-dns", "", "10.254.0.10"),
            make_service("gb", "redis-master", "redis-master", "10.254.1.1"),
            make_service("gb", "redis-slave", "redis-slave", "10.254.1.2"),
            make_service("gb", "guestbook", "guestbook", "10.254.1.3",
                         {.external_ips = {"192.0.2.10"}, .ports = {{"", "TCP", 80, 3000, "", 0}}})};
  }
  // The slice of the Service guestbook, whose target port differs from its port.
  static k8s::EndpointSlice front(const std::vector<k8s::Pod>& pods, const std::vector<std::string>& unready = {}) {
    auto slice = make_slice("gb", "guestbook", pods, unready);
    slice.ports = {{"", "TCP", 3000}};
    return slice;
  }
  static std::vector<k8s::EndpointSlice> slices() {
    return {make_slice("gb", "redis-master", redis_master()), make_slice("gb", "redis-slave", redis_slave()),
            front(guestbook())};
  }
  static void apply_all(World& world) {
    world.apply(make_namespace("gb"));
    for (const auto& service : services()) world.apply(service);
    for (const auto& pod : all_pods()) world.apply(pod);
    for (const auto& slice : slices()) world.apply(slice);
  }
};

}  // namespace knm::test
