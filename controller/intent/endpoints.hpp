#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/intent/facts.hpp"
#include "controller/intent/text_map.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// What the EndpointSlices say: which Pods are behind which Service, Pod by Pod, so that one endpoint's change costs the
// same however many there are. The Pods need not exist.
class Endpoints {
 public:
  // Stands for the UID of a Pod that some Service names, while one does.
  using PodId = std::uint32_t;
  static constexpr PodId nobody = ~PodId{0};

  // One Pod behind one Service. Several endpoints may name it: one for each address family, and for a moment two slices
  // may.
  struct Member {
    std::uint32_t named = 0;    // endpoints that name it
    std::uint32_t ready = 0;    // of these, ready and not terminating
    std::uint32_t unready = 0;  // of these, neither ready nor terminating
    // What the Service makes of it; kept by whoever settles the Service.
    std::uint32_t stray = 0;  // endpoints that name it though it cannot be reached
    bool mapped = false;      // it is a Pod of ours, and may be reached
    bool serves = false;
  };
  struct OfService {
    boost::container::flat_map<PodId, Member> members;
    std::uint32_t anonymous = 0;  // endpoints that name no Pod
    std::uint32_t slices = 0;     // of the Service
  };
  // Called for each Pod whose standing behind a Service may have changed; `nobody` for endpoints of no Pod.
  using Touched = std::function<void(const ObjectKey& service, PodId pod)>;

  Endpoints() = default;
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  void put(const k8s::EndpointSlice& object, const Touched& touched);
  void drop(const ObjectKey& slice, const Touched& touched);

  // How many endpoints a slice has.
  std::size_t count_in(std::string_view slice) const {
    const auto at = slices_.find(slice);
    return at == slices_.end() ? 0 : at->second.endpoints.size();
  }

  // Null where no slice of the Service is there. A member that is not named any longer stays until forget().
  OfService* of(const ObjectKey& service);
  // Forgets a member that is not named any longer.
  void forget(const ObjectKey& service, PodId pod);
  // Forgets all members of a Service that are not named any longer.
  void tidy(const ObjectKey& service);

  PodId id_of(std::string_view uid) const;  // nobody where no Service names it
  const PackedText& uid_of(PodId pod) const { return pods_[pod].uid; }
  // The Services that name a Pod, in no order.
  std::vector<ObjectKey> services_of(PodId pod) const;

 private:
  struct Endpoint {
    PodId pod = nobody;
    bool ready = false, terminating = false;
  };
  struct Slice {
    const ObjectName* service = nullptr;  // key of services_
    std::vector<Endpoint> endpoints;
  };
  struct Pod {
    PackedText uid;
    boost::container::small_vector<const ObjectName*, 1> services;  // that have it as a member; keys of services_
  };
  struct Hash {
    using is_transparent = void;
    const Endpoints* all;
    std::size_t operator()(std::string_view uid) const noexcept { return std::hash<std::string_view>{}(uid); }
    std::size_t operator()(PodId pod) const noexcept { return (*this)(all->uid_of(pod).view()); }
  };
  struct Equal {
    using is_transparent = void;
    const Endpoints* all;
    bool operator()(PodId a, PodId b) const noexcept { return a == b; }
    bool operator()(std::string_view uid, PodId pod) const noexcept { return uid == all->uid_of(pod); }
    bool operator()(PodId pod, std::string_view uid) const noexcept { return uid == all->uid_of(pod); }
  };

  void replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched);
  void count(const ObjectName& service, OfService& of_service, const Endpoint& endpoint, bool in,
             const Touched& touched);
  bool is(const Endpoint& known, const k8s::Endpoint& given) const;
  PodId take(std::string_view uid);
  void leave(PodId pod, const ObjectKey& service);
  void drop_if_empty(const ObjectKey& service);

  TextMap<Slice> slices_;
  TextMap<OfService> services_;  // that have slices or members
  std::vector<Pod> pods_;        // by id
  std::vector<PodId> free_;
  boost::unordered_flat_set<PodId, Hash, Equal> by_uid_{0, Hash{this}, Equal{this}};
};

}  // namespace knm
