#pragma once

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
#include "controller/intent/tier_keys.hpp"
#include "controller/intent/unit_keys.hpp"

namespace knm {

// Receives changes of pod tiers, during PodTierUnits::settle().
class PodTierListener {
 public:
  // A pod tier requests a service tier, which need not exist, from now on, or no longer.
  virtual void pod_tier_requests(const PackedText& pod_tier, const PackedText& service_tier, bool in) = 0;
  // It is connected to a global network from now on, or no longer.
  virtual void pod_tier_connects(const PackedText& pod_tier, const std::string& network, bool in) = 0;
  // It exists, and with it its network, from now on, or no longer.
  virtual void pod_tier_exists(const PackedText& pod_tier, bool in) = 0;

 protected:
  ~PodTierListener() = default;
};

// The pod tiers: all Pods of a Namespace with one `name` label. Pods are only counted, so a tier costs the same for any
// number of them.
class PodTierUnits {
 public:
  // Retains references to all of them. `service_tiers`: to share the memory of their keys.
  PodTierUnits(const Settings& settings, const ExternalUnits& external, const TierKeys& service_tiers, Changes& changes,
               PodTierListener& listener);
  PodTierUnits(const PodTierUnits&) = delete;
  PodTierUnits& operator=(const PodTierUnits&) = delete;

  // A Pod that has or had a network of its tier.
  void add(const PodFacts& pod);
  void remove(const PodFacts& pod);
  // Replaces texts of an added Pod by equal ones of other Pods in its tier.
  void share_texts(PodFacts& pod);
  // One more headless Service of a service tier has Pods of this tier as backends, or one fewer. Returns the key of the
  // pod tier in the memory of its record, which stays as long as there are such Services.
  PackedText count_headless(const TierKey& pod_tier, const TierKey& service_tier, bool in);
  // For example a global network appeared or disappeared: any tier may be connected to it.
  void touch_all();

  bool is_settled() const { return dirty_.empty(); }
  void settle();
  // Before the first settle(): see ServiceUnits::forget_dirty().
  void forget_dirty();

  // Null: no Pod of the tier has a network.
  const PodTierFacts* find(std::string_view key) const { return facts_in(tiers_, key); }
  PackedText shared_key(std::string_view key) const { return key_in(tiers_, key); }
  // Of the existing ones, in no order; of one Namespace, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const { return keys_with_facts(tiers_, ns); }

 private:
  template <class Key>
  using Counts = boost::container::flat_map<Key, std::size_t>;
  struct Record {
    PackedText ns, name;                         // shared with its Pods
    Shared<std::vector<std::string>> last_uses;  // of one of its Pods: nearly always the same for all
    std::size_t pods = 0;
    Counts<std::string> uses;  // names of service tiers of its Namespace, with the number of Pods that name each
    Counts<TierKey> serves;    // service tiers, with the number of headless Services backed by its Pods
    std::optional<PodTierFacts> facts;
  };
  std::optional<PodTierFacts> facts_of(const TierKey& key, const Record& record) const;
  void settle(const TierKey& key);
  void announce(const PackedText& key, const std::optional<PodTierFacts>& before,
                const std::optional<PodTierFacts>& after);

  const Settings& settings_;
  const ExternalUnits& external_;
  const TierKeys& service_tiers_;
  Changes& changes_;
  PodTierListener& listener_;
  std::vector<TierKey> cluster_services_;  // service tiers that every Pod requests by configuration
  TextMap<Record> tiers_;
  std::set<TierKey> dirty_;
};

}  // namespace knm
