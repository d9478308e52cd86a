#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/problem.hpp"
#include "controller/config/settings.hpp"
#include "controller/ipam/shared_subnets.hpp"
#include "controller/model/names.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Applies changes of the configured ranges (docs/object-model.md, "Ranges that change"): the desired subnets of the
// shared networks, and the networks of tiers that cannot follow.
class RangeChanges {
 public:
  // All of them must outlive it.
  RangeChanges(const Settings& settings, const Names& names, const Table& table);

  // --- Observed state
  // An inventory begins, shows an object, and is complete: which addresses of former ranges are in use.
  void begin_count();
  void count(const contrail::Object& object);
  void end_count();
  // An object was read, and is this entry, with its ownership. `owner`: of this cluster (owner_of()).
  void read(const contrail::Object& object, SlotId id, std::string_view owner);
  // The server refused to remove a subnet of this shared network.
  void subnet_refused(SlotId network);

  // --- The shared networks
  // Their desired state follows from the observed one and from the clusters that use them, so it is planned again when
  // either was read or written. Returns whether the public network changes, so that Services must be bound again.
  bool plan();
  // Subnets by ipam, without ids, except those of other clients; as of the last plan().
  const std::vector<contrail::IpamReference>& allocation_ipams() const { return allocation_plan_.ipams; }
  const std::vector<contrail::IpamReference>& public_ipams() const { return public_plan_.ipams; }
  // Without a configured range the network stays until the objects of this cluster in it are deleted.
  bool needs_public_network() const;
  bool needs_public_pool() const { return !settings_.public_ip_range.empty(); }
  bool needs_public_ipam() const;
  // Why a Service cannot have this address of a configured range; nullopt: it can.
  std::optional<Problem> refuse_public(const contrail::IpAddress& address) const;
  // A range of a shared network that is no longer configured and cannot be removed yet, or (`coming`) one that is
  // configured and cannot be added, since it overlaps an observed one.
  struct Pending {
    contrail::FqName network;
    contrail::Cidr cidr;
    bool coming = false;
    friend auto operator<=>(const Pending&, const Pending&) = default;
  };
  std::set<Pending> pending() const;

  // --- The networks of tiers
  // Why the controller cannot work with the configured ranges: an owned network that is needed has addresses of another
  // range. One sentence with the way out; nullopt: it can.
  std::optional<std::string> refuse() const;

 private:
  void note_former_subnet(SlotId id, const contrail::Object& network);

  const Settings& settings_;
  const Names& names_;
  const Table& table_;
  SharedSubnets allocation_subnets_, public_subnets_;
  SharedSubnets::Plan allocation_plan_, public_plan_;
  std::map<SlotId, contrail::Cidr> former_subnets_;  // one of each tier network that has any
};

}  // namespace knm
