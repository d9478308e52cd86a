#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>

#include "controller/intent/endpoints.hpp"
#include "controller/intent/service_ports.hpp"

namespace knm {

// So many Pods of a Service are reached in a family, the first ones by name.
inline constexpr std::size_t max_backends = 10'000;

// The backends of a Service, counted by what its ports mean for them, so that one Pod's readiness costs the same
// however many there are. The Pods that are reached are in the facts; those that serve and are not reached are here.
struct Roster {
  // Pods that slices with one list of ports name.
  struct Count {
    ServicePorts::Meaning meaning;
    std::uint32_t serving = 0, waiting = 0;
  };
  struct Others {
    NameList surplus;   // more than are reached
    NameList detached;  // the ports mean something else for them
    NameList portless;  // no port means anything for them: behind an address without mappings they would be open
    friend bool operator==(const Others&, const Others&) = default;
  };
  // What is behind the addresses of a family.
  struct Side {
    boost::container::flat_map<Endpoints::PortsId, Count> counts;
    std::optional<std::uint64_t> served;  // the meaning of those that are reached
    std::optional<std::uint64_t> mapped;  // the one that the mappings are of
    bool resolved = false;                // the mappings are of this Service
    std::string unreached;                // ports that mean nothing by the mappings
    Rare<Others> others;
    std::uint32_t waiting() const;
  };
  // Of a headless Service: how many Pods of each tier serve.
  struct Tiers {
    boost::container::flat_map<std::string, std::size_t> serving;
    boost::container::flat_set<std::string> touched;  // since they were published
    friend bool operator==(const Tiers&, const Tiers&) = default;
  };

  std::array<Side, 2> sides;  // by family
  Rare<Tiers> tiers;
  std::size_t mapped = 0;                                    // members that are Pods with a network
  std::array<std::uint32_t, unresolved_kinds> unresolved{};  // endpoints of the others

  Side& side(contrail::Family family) { return sides[static_cast<std::size_t>(family)]; }

  // A member is counted, as it was judged, or no longer. `tier`: of its Pod, where the Service is headless.
  void enter(Endpoints::MemberId id, const Endpoints::Member& member, const std::string& tier,
             const ServicePorts::Meaning& meaning);
  void withdraw(Endpoints::MemberId id, Endpoints::Member& member, const std::string& tier);
};

}  // namespace knm
