#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "k8sclient/client/write.hpp"

// The lock of a leader election: an object of kind Lease (coordination.k8s.io/v1).
// Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
namespace k8s {

struct LeaseName {
  std::string ns;
  std::string name;
};

// The fields of the specification that an election uses.
struct LeaseSpec {
  std::string holder;               // holderIdentity; empty: free
  std::chrono::seconds duration{};  // leaseDurationSeconds; 0: not set
  std::uint32_t transitions = 0;    // leaseTransitions: changes of the holder
  std::string acquire_time;         // acquireTime and renewTime, as in the object (MicroTime). They are only compared
  std::string renew_time;           // with each other: a wall clock of another machine says nothing here

  friend bool operator==(const LeaseSpec&, const LeaseSpec&) = default;
};

struct Lease {
  LeaseSpec spec;
  std::uint64_t resource_version = 0;

  friend bool operator==(const Lease&, const Lease&) = default;
};

// "/apis/coordination.k8s.io/v1/namespaces/a/leases", and the path of one in it.
std::string leases_path(const std::string& ns);
std::string lease_path(const LeaseName& name);

// Reads a Lease from JSON. errc::malformed: the text is no Lease, or has no resourceVersion.
base::Result<Lease> read_lease(std::string_view object);

// The body of a create.
std::string lease_body(const LeaseName& name, const LeaseSpec& spec);
// The body of an update: the object as it was read last, with another specification. Other fields of it (labels, say)
// stay. The server refuses the update (409) if the object has another version by now.
std::string lease_body(std::string_view object, const LeaseName& name, const Lease& lease);

// Whether an object names this holder.
Shows shows_holder(std::string identity);

}  // namespace k8s
