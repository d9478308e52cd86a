#pragma once

#include <map>
#include <string>
#include <vector>

#include "k8sclient/api/objects.hpp"

// Kubernetes objects for tests. Their UIDs are derived from their names: incarnation n of a name has the UID n.
namespace knm::test {

std::string uid(const std::string& kind, const std::string& key, int incarnation = 1);

struct PodOptions {
  std::string uses;        // annotation
  std::string uses_label;  // label
  k8s::PodPhase phase = k8s::PodPhase::running;
  bool host_network = false;
  int incarnation = 1;
};

k8s::Namespace make_namespace(const std::string& name, int incarnation = 1);
k8s::Pod make_pod(const std::string& ns, const std::string& name, const std::string& tier, PodOptions options = {});

struct ServiceOptions {
  std::vector<std::string> external_ips;
  std::vector<k8s::ServicePort> ports = {{"", "TCP", 80, 80, "", 0}};
  bool headless = false;
  bool selector = true;
  bool publish_not_ready = false;
  int incarnation = 1;
  std::int64_t created = 1000;
  k8s::ServiceType type = k8s::ServiceType::cluster_ip;
  std::string load_balancer_ip;
};

k8s::Service make_service(const std::string& ns, const std::string& name, const std::string& tier,
                          const std::string& cluster_ip, ServiceOptions options = {});

// An IPv4 slice of a Service that lists these Pods; those in `unready` are not ready. It has the port of a Service with
// default options.
k8s::EndpointSlice make_slice(const std::string& ns, const std::string& service, const std::vector<k8s::Pod>& pods,
                              const std::vector<std::string>& unready = {});

}  // namespace knm::test
