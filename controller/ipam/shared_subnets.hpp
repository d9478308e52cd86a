#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/problem.hpp"

namespace knm {

// The subnets of a network that others write to as well, `addr-alloc` or the public network: which it needs of the
// ranges that are configured now, and which of those that were configured before may go (docs/object-model.md,
// "Ranges that change").
//
// A former subnet goes when the last inventory shows no address of it, whoever has it, and no other cluster uses the
// network. What the server refuses to take away is not tried again until an inventory shows why.
class SharedSubnets {
 public:
  // `own_ipam`: what our subnets are under where the network is somebody else's; empty: it is treated as ours.
  SharedSubnets(contrail::FqName network, std::vector<contrail::Cidr> ranges, contrail::FqName own_ipam);

  const contrail::FqName& network() const { return network_; }

  // --- What the config API has
  // The network as it was read; `user_key` is ours among the keys of the clusters that use it.
  void read(const contrail::Object& network, std::string_view user_key);
  // An inventory begins, shows an address of the network, and is complete.
  void begin_count() { occupied_next_.clear(); }
  void count(const contrail::IpAddress& address);
  void end_count();
  // The server does not let a subnet go.
  void refused();

  // --- What follows
  struct Plan {
    std::vector<contrail::IpamReference> ipams;  // what is to be there besides what others have put there
    std::vector<contrail::Cidr> former;          // of it, what no configuration lists any longer
    std::vector<contrail::Cidr> blocked;         // ranges that cannot be added: they overlap what is there
    friend bool operator==(const Plan&, const Plan&) = default;
  };
  // `exists`: the network is there. `ours`: and it is not somebody else's.
  Plan plan(bool exists, bool ours) const;
  // Why a Service cannot have this address of a configured range; nullopt: it can. For a network that exists.
  std::optional<Problem> refuse(const contrail::IpAddress& address, const Plan& plan) const;
  // Whether this cluster has put a subnet there.
  bool has_ours() const;
  // Whether what is there was read otherwise than before, since the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  // Every subnet that may be there under the ipam of our own, as references of the network.
  std::vector<contrail::IpamReference> under_own_ipam() const;

 private:
  struct Found {
    contrail::FqName ipam;
    contrail::Cidr cidr;
    bool derived = false;  // its id is one that we derive
    std::optional<contrail::IpAddress> gateway, dns;
    friend bool operator==(const Found&, const Found&) = default;
  };
  bool is_configured(const contrail::Cidr& cidr) const;
  bool must_stay(const contrail::Cidr& former) const;

  contrail::FqName network_;
  std::vector<contrail::Cidr> ranges_;
  contrail::FqName own_ipam_;
  std::vector<Found> found_;
  bool we_use_it_ = false, others_use_it_ = false;  // by the clusters' keys
  bool changed_ = false;
  bool counted_ = false;  // by one inventory at least
  std::set<contrail::Cidr> occupied_, occupied_next_, refused_;
};

}  // namespace knm
