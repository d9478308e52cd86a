#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/intent/backend_group.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/pod_units.hpp"
#include "controller/intent/service_ports.hpp"
#include "k8sclient/api/packed.hpp"

namespace knm {

// Changes of the Pods that a Service reaches.
struct BackendMoves {
  bool more = false;                              // there are more changes than those of the Pods below
  std::map<ObjectName, std::array<int, 2>> pods;  // by family: added (1), removed (-1), or added again (0)
  std::vector<ObjectKey> names() const;           // of the Pods that were added or removed
};

// Backends that may have changed, with the former name of the Pod, if known.
using DirtyBackends = std::vector<std::pair<Endpoints::MemberId, ObjectName>>;

// One pass over backends of one Service: counts those that may have changed, and determines which Pods its addresses
// reach at which ports. Exists only for the pass; refers to its arguments.
class BackendUpdate {
 public:
  // The parts of a Service that its backends depend on.
  struct Service {
    const k8s::Packed<k8s::Service>& object;
    BackendGroup& group;
    Endpoints::OfService* endpoints;  // null: it has no slices
    std::array<Reach, 2>& reach;      // the reached Pods and mappings, by family; updated
    BackendMoves& moves;              // updated too
  };
  BackendUpdate(const PodUnits& pods, const Endpoints& endpoints, Service service);

  // Counts a backend that is not counted at present, from the facts of the Pod and the slices.
  void count(Endpoints::MemberId id, Endpoints::Member& member);
  // Determines the reached Pods of a family: for the dirty backends, or with `all` for each backend anew.
  void settle(contrail::Family family, const DirtyBackends& dirty, bool all);

 private:
  using Family = contrail::Family;
  using MemberId = Endpoints::MemberId;
  using Member = Endpoints::Member;
  using Standing = Endpoints::Standing;
  using Place = Endpoints::Place;

  const PodFacts* pod_of(MemberId id) const { return pods_.by_uid(endpoints_.uid_of(id.pod)); }
  const ServicePorts& service_ports();
  Member judged(Member member, const PodFacts* pod) const;
  ServicePorts::Meaning meaning_of(MemberId id, const Member& member);
  std::optional<std::uint64_t> majority(Family family, Standing standing) const;
  std::uint64_t oldest(Family family, Standing standing, const std::map<std::uint64_t, std::uint32_t>& among) const;
  Place place_of(MemberId id, const Member& member) const;
  void move(Family family, const ObjectName& name, int step);
  void take_out(Family family, Place place, const ObjectName& name);
  void put_in(Family family, Place place, const ObjectName& name);
  void place_one(MemberId id, Member& member, const ObjectName& former_name);
  void place_all(Family family);
  void resolve(Family family, const std::optional<std::uint64_t>& mapped);
  Roster::Side& side(Family family) const { return service_.group.roster.side(family); }
  Reach& reach(Family family) const { return service_.reach[static_cast<std::size_t>(family)]; }

  const PodUnits& pods_;
  const Endpoints& endpoints_;
  Service service_;
  std::optional<k8s::Service> object_;  // unpacked when its ports are needed
  std::optional<ServicePorts> ports_;   // of object_
};

}  // namespace knm
