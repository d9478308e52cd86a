#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/bind/adopted.hpp"
#include "controller/bind/bindings.hpp"
#include "controller/bind/load_balancers.hpp"
#include "controller/bind/object_renderer.hpp"
#include "controller/bind/pod_addresses.hpp"
#include "controller/bind/range_changes.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/intent.hpp"
#include "controller/model/names.hpp"
#include "controller/plan/table.hpp"

namespace knm {

// Renders the complete desired content of entries from the facts, the addresses and the observed state, each time that
// it is needed.
class Bodies {
 public:
  // All of them must outlive the Bodies; `renderer` is copied.
  Bodies(const Settings& settings, const Intent& intent, const Table& table, const Names& names,
         const Bindings& bindings, const PodAddresses& addresses, const RangeChanges& ranges,
         const LoadBalancers& load_balancers, const Adopted& adopted, const ObjectRenderer& renderer);

  // The config object of a source, as this cluster alone would make it; Object{} for texts.
  contrail::Object from(Source source) const;
  // The complete desired object of an entry, with its ids in the config API; for an entry that is not desired, its
  // foreign content. Config objects only.
  contrail::Object object(SlotId id) const;
  // The desired text of an entry that is written to Kubernetes; empty: none.
  std::string text(SlotId id) const { return text_from(table_[id].source()); }
  std::string text_from(Source source) const;

  // Only the owner annotations with which an object of a former cluster becomes owned.
  std::map<std::string, std::string> owner_annotation(SlotId id) const;
  // The owner annotations of a policy that is_leftover().
  std::map<std::string, std::string> leftover_annotations(SlotId policy) const;

  // --- Policies
  // The name of a unit's policy, the networks that its rules allow as sources, and the destinations.
  struct Connection {
    contrail::FqName policy;
    const TierSet* users;
    std::vector<contrail::FqName> destinations;
  };
  // nullopt: the unit has no policy.
  std::optional<Connection> connection_of(const Unit& unit) const;
  std::vector<contrail::FqName> pod_networks(const TierSet& pod_tiers) const {
    return renderer_.pod_networks(pod_tiers);
  }
  // Whether it has rules with many sources: as desired; before the first time, as observed.
  bool is_bundled(const contrail::FqName& policy) const;
  // The networks to which a policy is to be attached.
  std::vector<SlotId> networks_of(SlotId policy) const;

  // The network of a service tier; no_slot: it has no entry.
  SlotId service_network(const TierKey& tier) const;

 private:
  contrail::Object shared_object(Source source) const;
  contrail::Object tier_object(Source source) const;
  contrail::Object pod_object(Source source, const PodFacts& pod) const;
  contrail::Object service_address(Source source) const;
  ObjectRenderer::Policies policies_of(const contrail::FqName& network) const;
  void add_external_policies(const contrail::FqName& network, ObjectRenderer::Policies& policies) const;
  std::string_view namespace_with(const ExternalNetworkFacts& network) const;
  std::string pod_state(const PodFacts& pod) const;

  const Settings& settings_;
  const Intent& intent_;
  const Table& table_;
  const Names& names_;
  const Bindings& bindings_;
  const PodAddresses& addresses_;
  const RangeChanges& ranges_;
  const LoadBalancers& load_balancers_;
  const Adopted& adopted_;
  ObjectRenderer renderer_;
};

}  // namespace knm
