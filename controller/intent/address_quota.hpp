#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "controller/intent/claims.hpp"

namespace knm {

// How many public addresses the Services of one Namespace may have (object-model rule 5.3b).
//
// What a Service has in the config API it keeps for as long as it asks for it, whatever the limit says now. The places
// that are left go to what its Services ask for, the older Service's before the younger's, and of one Service in its
// own order. What cannot be had, since another Namespace has it, takes a place until it is not asked for any longer.
class AddressQuota {
 public:
  AddressQuota(std::size_t limit, Possession has) : limit_(limit), has_(std::move(has)) {}

  // What a Service asks for, each once: an address, or the unspecified one of a family for a load-balancer address of
  // that family. Replaces what it asked for before. Returns the other Services of the Namespace of which that changes
  // what they may have.
  std::set<ObjectKey> ask(const Claimant& claimant, const std::vector<contrail::IpAddress>& requests);
  std::set<ObjectKey> release(const ObjectKey& service);
  // This address, or a load-balancer address of its family, is there in the config API as the Service's from now on.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // Whether a Service may have what it asked for.
  bool allows(const ObjectKey& service, const contrail::IpAddress& request) const;
  std::size_t limit() const { return limit_; }

 private:
  struct Place {
    Claimant claimant;
    std::uint32_t order;  // among the Service's own
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
  // The places of a share that those that wait have, by Service.
  std::map<ObjectName, std::vector<contrail::IpAddress>> allowed(const Share& share) const;
  std::set<ObjectKey> change(const ObjectKey& service, const auto& what);

  std::size_t limit_;
  Possession has_;
  TextMap<Share> by_namespace_;
  TextMap<Asked> by_service_;
};

}  // namespace knm
