#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/intent/endpoint_ports.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// The number of ports of a Service that count, the first ones: each body of an address contains the mappings, and these
// take a quarter of what the config API accepts.
inline constexpr std::size_t max_service_ports = 4096;

// The meaning of a Service's ports for its backends, from the ports of the slices that name them (endpoint_ports.hpp).
// Kubernetes has resolved them: a slice's port belongs to the Service's port of its name and protocol. A port that a
// slice lacks has its numeric target port, so that nothing changes twice while the slices follow the Service; without a
// selector slices do not follow, and the port is closed.
//
// Retains a reference to the Service.
class ServicePorts {
 public:
  explicit ServicePorts(const k8s::Service& service);

  // Equal if the mappings are equal.
  struct Meaning {
    std::uint64_t id = 0;
    bool none = false;  // no port of the Service has a target
    friend bool operator==(const Meaning&, const Meaning&) = default;
  };
  Meaning meaning(std::string_view slice_ports) const;

  // As soon as one port differs from its target, the mappings list every port (object-model rule 3.6); empty: every
  // port is its own target. Sorted. nullopt: from the numeric target ports, without a slice.
  std::vector<contrail::PortMapping> mappings(std::optional<std::string_view> slice_ports) const;

  // The ports without a target, as "443 (https), 80 (8080)"; the first of them.
  std::string unreached(std::optional<std::string_view> slice_ports) const;

  std::size_t ignored() const { return service_.ports.size() - count_; }

 private:
  struct Name {
    std::string kept;  // kept_name()
    std::uint32_t place = 0;
  };
  std::int32_t number_of(const k8s::ServicePort& port) const;
  // The index of the Service's port that a slice's port belongs to; nullopt: none.
  std::optional<std::uint32_t> place_of(const ResolvedPort& port) const;
  // By the index of the port; 0: it has no target.
  std::vector<std::int32_t> targets(std::optional<std::string_view> slice_ports) const;

  const k8s::Service& service_;
  std::size_t count_;          // of the ports that count
  std::vector<Name> by_name_;  // sorted by name, protocol and place
  std::size_t numbered_ = 0;   // of them, those with a target without a slice
};

}  // namespace knm
