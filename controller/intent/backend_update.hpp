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

// What changed of the Pods that a Service reaches.
struct BackendMoves {
  bool more = false;                              // more than the Pods below
  std::map<ObjectName, std::array<int, 2>> pods;  // by family: came (1), went (-1), or came back (0)
  std::vector<ObjectKey> names() const;           // of those that came or went
};

// Backends that may have changed, with the name of the Pod where it was known before.
using DirtyBackends = std::vector<std::pair<Endpoints::MemberId, ObjectName>>;

// One pass over backends of one Service: counts those that may have changed, and says which Pods its addresses reach
// at which ports. Lives for the pass alone; refers to all that it is given.
class BackendUpdate {
 public:
  // A Service as its backends see it.
  struct Service {
    const k8s::Packed<k8s::Service>& object;
    BackendGroup& group;
    Endpoints::OfService* endpoints;  // null: it has no slices
    std::array<Reach, 2>& reach;      // what is reached, by family; updated
    BackendMoves& moves;              // likewise
  };
  BackendUpdate(const PodUnits& pods, const Endpoints& endpoints, Service service);

  // Counts a backend that is not counted at present, by what the Pod and the slices say of it now.
  void count(Endpoints::MemberId id, Endpoints::Member& member);
  // Says which Pods are reached in a family: of the dirty ones, or with `all` of each backend anew.
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
  std::optional<k8s::Service> object_;  // unpacked where its ports are asked for
  std::optional<ServicePorts> ports_;   // of it
};

}  // namespace knm
