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

// Which of the addresses that a Service names it has (object-model section 5): those that the configuration allows,
// that its Namespace has a place for, and that no other Service comes before it with.
//
// What one Service gets may depend on the others: each change returns the keys of the other Services for which assign()
// may come to another result now.
class ServiceAddresses {
 public:
  // Keeps a reference.
  explicit ServiceAddresses(const Settings& settings);
  ServiceAddresses(const ServiceAddresses&) = delete;
  ServiceAddresses& operator=(const ServiceAddresses&) = delete;

  // What the config API has of a Service's addresses; at first nothing. Asked by assign().
  void set_possession(Possession possession) { possession_ = std::move(possession); }
  const Possession& possession() const { return possession_; }
  // An address came there as a Service's; the result may list that Service, too.
  std::set<ObjectKey> possess(const ObjectKey& service, const contrail::IpAddress& address);

  // Takes part for what the Service asks for now. Of `facts` it reads ns, created and wants_load_balancer; it writes
  // addresses, families, ingress, what is refused and why, and appends problems. `key`: in memory that stays.
  std::set<ObjectKey> assign(const k8s::Service& object, const ObjectName& key, ServiceFacts& facts);
  // The Service asks for nothing any longer.
  std::set<ObjectKey> release(const ObjectKey& service);

  // The Service that has an address which its specification names, or which its load-balancer status shows; empty where
  // no Service claims it.
  PackedText claimant(const contrail::IpAddress& address) const { return holder(claims_, address); }
  PackedText shown_by(const contrail::IpAddress& address) const { return holder(shown_, address); }

 private:
  // What a Service asks for, of which the configuration refuses nothing.
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
  Possession possession_;  // empty: nothing
  Claims claims_;          // by what the authors of Services say
  Claims shown_;           // by the status of LoadBalancer Services that the controller serves
  AddressQuota quota_;     // public addresses of each Namespace
};

}  // namespace knm
