#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/config/settings.hpp"
#include "controller/intent/address_quota.hpp"
#include "controller/intent/claims.hpp"
#include "controller/intent/facts.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// Which of its requested addresses a Service gets (object-model section 5): those that the configuration and the limit
// of its Namespace allow, and that no other Service holds.
//
// The outcome of one Service may depend on others: each change returns the keys of the other Services for which
// assign() may have another result now.
class ServiceAddresses {
 public:
  // Retains a reference.
  explicit ServiceAddresses(const Settings& settings);
  ServiceAddresses(const ServiceAddresses&) = delete;
  ServiceAddresses& operator=(const ServiceAddresses&) = delete;

  // The source of the addresses that a Service has in the config API; at first none. Called by assign().
  void set_possession(Possession possession) { possession_ = std::move(possession); }
  const Possession& possession() const { return possession_; }
  // An address exists there for a Service from now on; the result may list that Service, too.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // Requests what the Service asks for now. Reads ns, created and wants_load_balancer of `facts`; writes addresses,
  // families, ingress and refusals, and appends problems. `key` must be in memory that outlives the request.
  std::set<ObjectKey> assign(const k8s::Service& object, const ObjectName& key, ServiceFacts& facts);
  // The Service requests nothing any longer.
  std::set<ObjectKey> release(const ObjectKey& service);

  // The Service that holds an address from its specification, or whose load-balancer status shows it; empty: no Service
  // claims it.
  PackedText claimant(const contrail::IpAddress& address) const { return holder(claims_, address); }
  PackedText shown_by(const contrail::IpAddress& address) const { return holder(shown_, address); }

 private:
  // The requests of a Service that the configuration does not refuse.
  struct Asked {
    std::vector<contrail::IpAddress> cluster, external;
  };
  static PackedText holder(const Claims& claims, const contrail::IpAddress& address);
  Possession ask_possession() const;
  Asked asked_addresses(const k8s::Service& object, ServiceFacts& facts) const;
  void read_request(const k8s::Service& object, ServiceFacts& facts) const;
  std::optional<Problem> refuse_choice(std::string_view ns, const std::string& what) const;
  std::set<ObjectKey> ask_quota(const Claimant& claimant, const Asked& asked, const ServiceFacts& facts);
  void apply_quota(const ObjectKey& key, Asked& asked, ServiceFacts& facts) const;
  std::optional<Problem> refuse_claim(const contrail::IpAddress& address, const ObjectKey& key) const;

  const Settings& settings_;
  Possession possession_;  // empty: none
  Claims claims_;          // from the specifications of Services
  Claims shown_;           // from the status of LoadBalancer Services that the controller serves
  AddressQuota quota_;     // public addresses of each Namespace
};

}  // namespace knm
