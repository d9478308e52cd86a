#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "controller/intent/claims.hpp"

namespace knm {

// The limit of public addresses for the Services of one Namespace (object-model rule 5.3b).
//
// A Service keeps what it has in the config API as long as it requests it, even if the limit is lowered. The rest of
// the limit goes to the requests of the older Services first, and within a Service in its own order. A request for an
// address of another Namespace counts too, until the Service no longer makes it.
class AddressQuota {
 public:
  AddressQuota(std::size_t limit, Possession has) : limit_(limit), has_(std::move(has)) {}

  // Replaces the requests of a Service, each once: an address, or the unspecified address of a family for a
  // load-balancer address of that family. Returns the other Services of the Namespace for which the outcome changes.
  std::set<ObjectKey> ask(const Claimant& claimant, const std::vector<contrail::IpAddress>& requests);
  std::set<ObjectKey> release(const ObjectKey& service);
  // This address, or a load-balancer address of its family, exists in the config API for the Service from now on.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // Whether the limit allows a request of a Service.
  bool allows(const ObjectKey& service, const contrail::IpAddress& request) const;
  std::size_t limit() const { return limit_; }

 private:
  struct Place {
    Claimant claimant;
    std::uint32_t order;  // the order within the Service
    contrail::IpAddress request;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Request {
    contrail::IpAddress address;
    bool has;
    friend bool operator==(const Request&, const Request&) = default;
  };
  struct Asked {
    Claimant claimant;
    std::vector<Request> requests;
  };
  struct Share {
    std::size_t had = 0;
    std::set<Place> waiting;
  };
  // The waiting requests of a share that the limit allows, by Service.
  std::map<ObjectName, std::vector<contrail::IpAddress>> allowed(const Share& share) const;
  std::set<ObjectKey> change(const ObjectKey& service, const auto& what);

  std::size_t limit_;
  Possession has_;
  TextMap<Share> by_namespace_;
  TextMap<Asked> by_service_;
};

}  // namespace knm
