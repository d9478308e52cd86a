#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "contrail-client/ip.hpp"
#include "controller/base/text_map.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// Why an endpoint is not a Pod with a network of this cluster.
enum class Unresolved : std::uint8_t {
  none,
  on_node,  // a Pod with hostNetwork, or a node itself
  foreign,  // a Pod of another Namespace
  missing,  // a Pod that does not exist, or no longer has a network
  outside,  // an IP address
  by_name,  // a DNS name: a slice of address type FQDN
};
inline constexpr std::size_t unresolved_kinds = 6;

// The number of different port lists of EndpointSlices that a Pod may have; if it has more, none of them counts.
inline constexpr std::size_t most_port_lists = 32;
// A longer UID is ignored: those of Kubernetes have 36 characters.
inline constexpr std::size_t longest_uid = 128;

// The content of the EndpointSlices: which Pods are backends of which Service, in which family and at which ports.
// Stored Pod by Pod, so that a change of one endpoint costs the same for any number of them. The Pods need not exist.
class Endpoints {
 public:
  // Stands for a Pod UID as long as some Service names it.
  using PodId = std::uint32_t;
  static constexpr PodId no_pod = ~PodId{0};

  // A Pod in the slices of one address family.
  struct MemberId {
    PodId pod : 31 = 0;
    PodId v6 : 1 = 0;
    MemberId() = default;
    MemberId(PodId id, contrail::Family family) : pod(id & (no_pod >> 1)), v6(family == contrail::Family::v6) {}
    contrail::Family family() const { return v6 ? contrail::Family::v6 : contrail::Family::v4; }
    MemberId other_family() const { return {pod, v6 ? contrail::Family::v4 : contrail::Family::v6}; }
    friend auto operator<=>(const MemberId& a, const MemberId& b) { return a.number() <=> b.number(); }
    friend bool operator==(const MemberId& a, const MemberId& b) { return a.number() == b.number(); }

   private:
    std::uint64_t number() const { return std::uint64_t{pod} << 1 | v6; }
  };

  // An index into the port lists of a Service's slices.
  using PortsId = std::uint32_t;

  // Whether a backend serves, and under which meaning of its ports; stored for ServiceBackends.
  enum class Standing : std::uint8_t { none, waiting, serving };
  enum class Place : std::uint8_t { none, served, detached, portless };

  // Several endpoints may name it: two slices for a moment, or slices written by hand, one for each port.
  struct Member {
    std::uint32_t named = 0;    // endpoints that name it
    std::uint32_t ready = 0;    // of these, ready and not terminating
    std::uint32_t unready = 0;  // of these, neither ready nor terminating
    PortsId ports = 0;          // the union of all slices that name it
    // The outcome for the Service; stored for ServiceBackends.
    std::uint32_t unresolved = 0;       // endpoints that name it although it cannot be reached
    Unresolved why = Unresolved::none;  // the reason
    Standing standing : 2 = Standing::none;
    Place place : 2 = Place::none;
    bool mapped : 1 = false;  // a Pod with a network, which may be reached
    bool dirty : 1 = false;
  };
  // A list of ports as one text (ports_text()), and its number of users. The union of several lists is made when it is
  // read: it is not read while slices arrive one after the other.
  struct Ports {
    PackedText text;
    std::uint32_t users = 0;  // slices, and members that several slices name
    RareList<PortsId> parts;  // the lists of a union
  };
  struct OfService {
    boost::container::flat_map<MemberId, Member> members;
    std::vector<Ports> ports;  // by PortsId; an element without users is free
    // Members that slices with different ports name: those lists, and the number of endpoints for each.
    Rare<boost::container::flat_map<MemberId, std::vector<std::pair<PortsId, std::uint32_t>>>> several;
    std::array<std::uint32_t, unresolved_kinds> unresolved{};  // endpoints that are not Pods
    std::uint32_t slices = 0;                                  // of the Service
    std::uint32_t crowded = 0;                                 // members with too many lists of ports
  };
  // Called before the standing of a backend may change; nullopt for endpoints that are not Pods.
  using Touched = std::function<void(const ObjectKey& service, std::optional<MemberId> member)>;

  Endpoints() = default;
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  void put(const k8s::EndpointSlice& object, const Touched& touched);
  void drop(const ObjectKey& slice, const Touched& touched);

  // The number of endpoints of a slice.
  std::size_t count_in(std::string_view slice) const {
    const auto at = slices_.find(slice);
    return at == slices_.end() ? 0 : at->second.endpoints.size();
  }

  // Null: no slice of the Service exists. A member that is no longer named stays until forget().
  OfService* of(const ObjectKey& service);
  static std::string_view text_of(OfService& of_service, PortsId ports);
  const OfService* of(const ObjectKey& service) const { return find_or_null(services_, service); }
  // Removes a member that is no longer named.
  void forget(const ObjectKey& service, MemberId member);
  // Removes all members of a Service that are no longer named.
  void tidy(const ObjectKey& service);

  PodId id_of(std::string_view uid) const;  // no_pod: no Service names it
  const PackedText& uid_of(PodId pod) const { return pods_[pod].uid; }
  // The Services that name a Pod, in no order.
  std::vector<ObjectKey> services_of(PodId pod) const;

 private:
  struct Endpoint {
    PodId pod = no_pod;
    Unresolved why = Unresolved::none;  // if it is not a Pod
    bool ready = false, terminating = false;
  };
  struct Slice {
    const ObjectName* service = nullptr;  // a key of services_
    contrail::Family family = contrail::Family::v4;
    bool by_name = false;
    PortsId ports = 0;
    std::vector<Endpoint> endpoints;
  };
  struct Pod {
    PackedText uid;
    boost::container::small_vector<const ObjectName*, 1> services;  // with the Pod as a member; keys of services_
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
  // The endpoints of one slice while they are added or removed.
  struct Step {
    const ObjectName& service;
    OfService& of_service;
    const Slice& slice;
    bool in;
    const Touched& touched;
  };

  void replace(Slice& slice, const std::vector<k8s::Endpoint>& endpoints, const Touched& touched);
  void change_ports(Slice& slice, PortsId ports, const Touched& touched);
  void count(const Step& step, const Endpoint& endpoint);
  void count_ports(OfService& of_service, MemberId id, Member& member, PortsId ports, bool in);
  Endpoint read(const Slice& slice, const k8s::Endpoint& given);
  bool is(const Slice& slice, const Endpoint& known, const k8s::Endpoint& given) const;
  PodId take(std::string_view uid);
  void leave(OfService& of_service, MemberId member, const ObjectKey& service);
  void drop_if_empty(const ObjectKey& service);

  TextMap<Slice> slices_;
  TextMap<OfService> services_;  // Services with slices or members
  std::vector<Pod> pods_;        // by id
  std::vector<PodId> free_;
  boost::unordered_flat_set<PodId, Hash, Equal> by_uid_{0, Hash{this}, Equal{this}};
};

}  // namespace knm
