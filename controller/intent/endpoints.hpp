#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/intent/facts.hpp"
#include "controller/intent/text_map.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// What the EndpointSlices say: which Pods are behind which Service, Pod by Pod, so that one endpoint's change costs the
// same however many there are.
class Endpoints {
 public:
  // One Pod behind one Service. Several endpoints may name it: one for each address family, and for a moment two slices
  // may.
  struct Member {
    std::uint32_t named = 0;    // endpoints that name it
    std::uint32_t ready = 0;    // of these, ready and not terminating
    std::uint32_t unready = 0;  // of these, neither ready nor terminating
    // What the Service makes of it; kept by whoever settles the Service.
    bool mapped = false;  // it is a Pod of ours, and may be reached
    bool serves = false;
    std::uint32_t stray = 0;  // endpoints that name it though it cannot be reached
  };
  struct OfService {
    TextMap<Member> members;    // by UID of the Pod
    std::size_t anonymous = 0;  // endpoints that name no Pod
  };
  // Called for each Pod whose standing behind a Service may have changed; with an empty UID for endpoints of no Pod.
  using Touched = std::function<void(const ObjectKey& service, const std::string& uid)>;

  void put(const k8s::EndpointSlice& object, const Touched& touched);
  void drop(const ObjectKey& slice, const Touched& touched);

  // Null where no slice of the Service names anybody. A member that is not named any longer stays until forget().
  OfService* of(const ObjectKey& service);
  void forget(const ObjectKey& service, const std::string& uid);
  // Forgets all members of a Service that are not named any longer.
  void tidy(const ObjectKey& service);

  // The Services that name a Pod.
  const std::vector<ObjectKey>& services_of(std::string_view uid) const;

 private:
  struct Endpoint {
    std::string uid;
    bool ready = false, terminating = false;
    bool is(const k8s::Endpoint& other) const {
      return ready == other.ready && terminating == other.terminating && uid == other.target_uid;
    }
  };
  struct Slice {
    ObjectKey service;
    std::vector<Endpoint> endpoints;
  };
  void count(const ObjectKey& service, const Endpoint& endpoint, bool in, const Touched& touched);
  void replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched);
  void drop_if_empty(const ObjectKey& service);

  TextMap<Slice> slices_;
  TextMap<OfService> services_;
  TextMap<std::vector<ObjectKey>> services_of_;  // by UID; sorted
};

}  // namespace knm
