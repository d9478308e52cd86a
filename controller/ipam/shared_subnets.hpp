#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/problem.hpp"

namespace knm {

// The subnets of a network that other clients write to as well, `addr-alloc` or the public network: which it needs for
// the configured ranges, and which of the formerly configured ones may be removed (docs/object-model.md, "Ranges that
// change").
//
// A former subnet is removed when the last inventory shows no address in it, of any owner, and no other cluster uses
// the network. A removal that the server refused is not tried again until an inventory shows the cause.
class SharedSubnets {
 public:
  // `own_ipam`: the ipam of owned subnets if the network is foreign; empty: it is treated as owned.
  SharedSubnets(contrail::FqName network, std::vector<contrail::Cidr> ranges, contrail::FqName own_ipam);

  const contrail::FqName& network() const { return network_; }

  // --- Observed state
  // The network as read; `user_key` is the key of this cluster among those that use it.
  void read(const contrail::Object& network, std::string_view user_key);
  // An inventory begins, shows an address of the network, and is complete.
  void begin_count() { occupied_next_.clear(); }
  void count(const contrail::IpAddress& address);
  void end_count();
  // The server refused to remove a subnet.
  void refused();

  // --- Desired state
  struct Plan {
    std::vector<contrail::IpamReference> ipams;  // the desired ones, except those of other clients
    std::vector<contrail::Cidr> former;          // of these, the ones that are no longer configured
    std::vector<contrail::Cidr> blocked;         // ranges that cannot be added: they overlap observed ones
    friend bool operator==(const Plan&, const Plan&) = default;
  };
  // `exists`: the network exists. `ours`: and is not foreign.
  Plan plan(bool exists, bool ours) const;
  // Why a Service cannot have this address of a configured range; nullopt: it can. For an existing network.
  std::optional<Problem> refuse(const contrail::IpAddress& address, const Plan& plan) const;
  // Whether this cluster has added a subnet.
  bool has_ours() const;
  // Whether the observed state changed since the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  // Every subnet that may exist under the own ipam, as references of the network.
  std::vector<contrail::IpamReference> under_own_ipam() const;

 private:
  struct Found {
    contrail::FqName ipam;
    contrail::Cidr cidr;
    bool derived = false;  // whether its id is a derived one
    std::optional<contrail::IpAddress> gateway, dns;
    friend bool operator==(const Found&, const Found&) = default;
  };
  bool is_configured(const contrail::Cidr& cidr) const;
  bool must_stay(const contrail::Cidr& former) const;

  contrail::FqName network_;
  std::vector<contrail::Cidr> ranges_;
  contrail::FqName own_ipam_;
  std::vector<Found> found_;
  bool we_use_it_ = false, others_use_it_ = false;  // as the clusters' keys show
  bool changed_ = false;
  bool counted_ = false;  // by at least one inventory
  std::set<contrail::Cidr> occupied_, occupied_next_, refused_;
};

}  // namespace knm
