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

// The number of Pods that a Service reaches in a family; the first ones by name.
inline constexpr std::size_t max_backends = 10'000;

// The backends of a Service, counted by the meaning of its ports for them, so that a change of one Pod costs the same
// for any number of them. The facts contain the reached Pods; the others that serve are here.
struct Roster {
  // A number of Pods that slices with one list of ports name.
  struct Count {
    ServicePorts::Meaning meaning;
    std::uint32_t serving = 0, waiting = 0;
  };
  struct Others {
    NameList surplus;   // more than the maximum
    NameList detached;  // the ports have another meaning for them
    NameList portless;  // no port has a meaning for them: without mappings, all their ports would be open
    friend bool operator==(const Others&, const Others&) = default;
  };
  // The backends of the addresses of a family.
  struct Side {
    boost::container::flat_map<Endpoints::PortsId, Count> counts;
    std::optional<std::uint64_t> served;  // the meaning for the reached Pods
    std::optional<std::uint64_t> mapped;  // the meaning that the mappings express
    bool resolved = false;                // the mappings are of this Service
    std::string unreached;                // ports without a target in the mappings
    Rare<Others> others;
    std::uint32_t waiting() const;
  };
  // Of a headless Service: the number of serving Pods for each tier.
  struct Tiers {
    boost::container::flat_map<std::string, std::size_t> serving;
    boost::container::flat_set<std::string> touched;  // since the last publication
    friend bool operator==(const Tiers&, const Tiers&) = default;
  };

  std::array<Side, 2> sides;  // by family
  Rare<Tiers> tiers;
  std::size_t mapped = 0;                                    // members that are Pods with a network
  std::array<std::uint32_t, unresolved_kinds> unresolved{};  // endpoints of the other members

  Side& side(contrail::Family family) { return sides[static_cast<std::size_t>(family)]; }

  // A member is counted with its standing, or no longer. `tier`: the tier of its Pod, if the Service is headless.
  void enter(Endpoints::MemberId id, const Endpoints::Member& member, const std::string& tier,
             const ServicePorts::Meaning& meaning);
  void withdraw(Endpoints::MemberId id, Endpoints::Member& member, const std::string& tier);
};

}  // namespace knm
