#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/intent/changes.hpp"
#include "controller/intent/external_units.hpp"
#include "controller/intent/intent.hpp"
#include "controller/intent/namespace_units.hpp"
#include "controller/intent/pod_tier_units.hpp"
#include "controller/intent/pod_units.hpp"
#include "controller/intent/service_tier_units.hpp"
#include "controller/intent/service_units.hpp"

namespace knm {

// All units of a cluster, one class for each kind. A class reads the facts of the kinds that are arguments of its
// constructor, and reports changes of its own facts to `changes`. Other classes get its changes through its listener,
// which is this struct: the functions below are all that passes between the classes. settle() defines their order.
struct Intent::State final : PodListener, ServiceListener, PodTierListener, ServiceTierListener, ExternalListener {
  explicit State(const Settings& given);

  // Recomputes dirty units; see the definition for the diagram of the units.
  std::vector<Unit> settle();
  bool is_settled() const;
  // See Intent::forget_changes().
  void forget_changes();
  // The units of a Namespace appear or disappear, or get or lose their network.
  void put(const k8s::Namespace& object);
  void drop_namespace(const std::string& name);
  void refuse_namespace(const std::string& name, bool refused);
  // In no order; of one Namespace (not for Namespaces and external networks), or all.
  std::vector<PackedText> keys(UnitKind kind, std::optional<std::string_view> ns) const;

  Settings settings;
  Changes changes;
  NamespaceUnits namespaces;
  PodUnits pods;
  ServiceUnits services;
  ExternalUnits external;
  ServiceTierUnits service_tiers;
  PodTierUnits pod_tiers;

 private:
  bool all_dirty_ = false;  // since forget_changes()

  // Pods → Services, pod tiers
  void before_backend_changes(std::string_view uid) override;
  void pod_joins_tier(const PodFacts& pod) override;
  void pod_leaves_tier(const PodFacts& pod) override;
  void share_texts(PodFacts& pod) override;
  // Services → service tiers, pod tiers
  void service_joins_tier(const ObjectName& service, const TierKey& tier, bool headless) override;
  void service_leaves_tier(const ObjectName& service, const TierKey& tier) override;
  void headless_backend(const TierKey& service_tier, const TierKey& pod_tier, bool in) override;
  // External networks → pod tiers, service tiers
  void external_network_changes(bool global, const std::vector<std::string>& tiers) override;
  // Pod tiers → service tiers, external networks
  void pod_tier_requests(const PackedText& pod_tier, const PackedText& service_tier, bool in) override;
  void pod_tier_connects(const PackedText& pod_tier, const std::string& network, bool in) override;
  void pod_tier_exists(const PackedText& pod_tier, bool in) override;
  // Service tiers → external networks
  void service_tier_is_addressed(const PackedText& service_tier, bool in) override;
  void service_tier_is_served_by(const PackedText& service_tier, std::string_view network, bool in) override;
};

}  // namespace knm
