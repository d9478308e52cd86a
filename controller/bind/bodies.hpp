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

// What entries are to be in full, put together from the facts, the addresses and what is there, each time that it is
// needed.
class Bodies {
 public:
  // All of them live longer; `renderer` is copied.
  Bodies(const Settings& settings, const Intent& intent, const Table& table, const Names& names,
         const Bindings& bindings, const PodAddresses& addresses, const RangeChanges& ranges,
         const LoadBalancers& load_balancers, const Adopted& adopted, const ObjectRenderer& renderer);

  // The config object that a source stands for, as this cluster alone would have it; Object{} for texts.
  contrail::Object from(Source source) const;
  // The wanted object of an entry, in full, with ids as they are; of one that is not wanted, what others have put
  // there. Config objects only.
  contrail::Object object(SlotId id) const;
  // The wanted text of an entry that is written to Kubernetes; empty: none.
  std::string text(SlotId id) const { return text_from(table_[id].source()); }
  std::string text_from(Source source) const;

  // The owner annotations that make an object of a former cluster this cluster's, and say nothing else.
  std::map<std::string, std::string> owner_annotation(SlotId id) const;
  // The owner annotations of a policy that is_leftover().
  std::map<std::string, std::string> leftover_annotations(SlotId policy) const;

  // --- Policies
  // Of the policy of a unit: its name, whose networks its rules let in, and where to.
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
  // Whether it has rules with many sources: as it is wanted; before the first time, as it is there.
  bool is_bundled(const contrail::FqName& policy) const;
  // The networks that a policy is to be attached to.
  std::vector<SlotId> networks_of(SlotId policy) const;

  // The network of a service tier; no_slot where there is no entry of it.
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
