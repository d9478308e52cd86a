#pragma once

#include <array>

#include "controller/intent/backend_group.hpp"
#include "controller/intent/backend_update.hpp"
#include "controller/intent/endpoints.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/pod_units.hpp"
#include "k8sclient/api/objects.hpp"
#include "k8sclient/api/packed.hpp"

namespace knm {

// The backends of Services: the EndpointSlices list them, and the facts of the Pods decide on each. The caller stores
// the counts of each Service in a BackendGroup, so that a change of one Pod costs the same for any number of them: the
// contribution of a backend is subtracted before it changes, and added when it is updated.
class ServiceBackends {
 public:
  // Retains a reference.
  explicit ServiceBackends(const PodUnits& pods) : pods_(pods) {}

  // Before a backend changes, `touched` is called with its Service, and the caller calls mark(). The Services and Pods
  // need not exist.
  void put(const k8s::EndpointSlice& object, const Endpoints::Touched& touched) { endpoints_.put(object, touched); }
  void drop(const ObjectKey& slice, const Endpoints::Touched& touched) { endpoints_.drop(slice, touched); }

  // A backend is about to change: adds it to `dirty`. Returns it, to be subtracted; null: it is dirty already, or the
  // Service has no such backend.
  Endpoints::Member* mark(const ObjectKey& service, Endpoints::MemberId id, DirtyBackends& dirty);
  // Subtracts what was counted for a backend; the facts of its Pod must be those with which it was counted.
  void subtract(BackendGroup& group, Endpoints::MemberId id, Endpoints::Member& member) const;
  // Counts the dirty backends, or all of a stale group. `reach`: the reached Pods and mappings by family; updated.
  BackendMoves update(BackendGroup& group, const ObjectKey& service, const k8s::Packed<k8s::Service>& object,
                      const DirtyBackends& dirty, std::array<Reach, 2>& reach);
  // The Service gets nothing: clears the standing of its backends. The group is stale then.
  void clear(BackendGroup& group, const ObjectKey& service);
  // The Service does not exist.
  void forget(const ObjectKey& service, const DirtyBackends& dirty);

  const Endpoints& endpoints() const { return endpoints_; }

 private:
  void tidy(const ObjectKey& service, const DirtyBackends& dirty);

  const PodUnits& pods_;
  Endpoints endpoints_;
};

}  // namespace knm
