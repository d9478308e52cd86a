#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_map.hpp>

#include "controller/base/text_map.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/changes.hpp"
#include "controller/intent/external_units.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/namespace_units.hpp"
#include "controller/intent/tier_keys.hpp"
#include "controller/intent/unit_keys.hpp"

namespace knm {

// Receives changes of service tiers that concern external networks, during ServiceTierUnits::settle().
class ServiceTierListener {
 public:
  // A service tier has addresses, and with them its own network, from now on, or no longer.
  virtual void service_tier_is_addressed(const PackedText& service_tier, bool in) = 0;
  // An external network replaces an open service tier from now on, or no longer.
  virtual void service_tier_is_served_by(const PackedText& service_tier, std::string_view network, bool in) = 0;

 protected:
  ~ServiceTierListener() = default;
};

// The service tiers: all Services of a Namespace with one `name` label, and the pod tiers that use them.
class ServiceTierUnits final : public TierKeys {
 public:
  // Retains references to all of them.
  ServiceTierUnits(const Settings& settings, const NamespaceUnits& namespaces, const ExternalUnits& external,
                   Changes& changes, ServiceTierListener& listener);
  ServiceTierUnits(const ServiceTierUnits&) = delete;
  ServiceTierUnits& operator=(const ServiceTierUnits&) = delete;

  // A Service of the tier that counts; may be added repeatedly.
  void add(const TierKey& tier, const ObjectName& service, bool headless);
  void remove(const TierKey& tier, const ObjectName& service);
  // One more of its headless Services has backends of a pod tier, or one fewer.
  void count_headless(const TierKey& tier, const PackedText& pod_tier, bool in);
  // A pod tier uses it from now on, or no longer. The cost does not depend on the number of its users.
  void request(const PackedText& tier, const PackedText& pod_tier, bool in);
  // Tiers of these names, in all Namespaces: an external network that replaces them appeared or disappeared.
  void touch_names(const std::vector<std::string>& names);
  // Tiers of a Namespace that an external network may replace: the Namespace appeared, disappeared, or is (not) served.
  void touch_namespace(std::string_view ns);

  bool is_settled() const { return dirty_.empty() && requested_.empty(); }
  void settle();

  // Null: there is nothing to use.
  const ServiceTierFacts* find(std::string_view key) const { return facts_in(tiers_, key); }
  PackedText shared_key(std::string_view key) const override { return key_in(tiers_, key); }
  // Of the existing ones, in no order; of one Namespace, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const { return keys_with_facts(tiers_, ns); }

 private:
  struct Record {
    TierSet services;    // Services that count
    TierSet addressed;   // of these, the ones that are not headless
    TierSet requesters;  // existing pod tiers that use it
    // Pod tiers, with the number of its headless Services that have backends of each.
    boost::container::flat_map<PackedText, std::size_t, std::less<>> headless_backends;
    std::optional<ServiceTierFacts> facts;
  };
  std::optional<ServiceTierFacts> facts_of(const TierKey& key, const Record& record) const;
  std::optional<ServiceTierFacts> external_facts(std::string_view ns, std::string_view tier,
                                                 const TierSet& requesters) const;
  void settle(const TierKey& key);
  void announce(const PackedText& key, const Record& record, const std::optional<ServiceTierFacts>& now);
  bool update_users(const TierKey& key, const std::set<TierKey>& pod_tiers);

  const Settings& settings_;
  const NamespaceUnits& namespaces_;
  const ExternalUnits& external_;
  Changes& changes_;
  ServiceTierListener& listener_;
  TextMap<Record> tiers_;
  std::set<TierKey> dirty_;
  std::map<TierKey, std::set<TierKey>> requested_;  // tiers, with the pod tiers that use them or ceased to
};

}  // namespace knm
