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

// What others hear of pod tiers, during PodTierUnits::settle().
class PodTierListener {
 public:
  // A pod tier requests a service tier, which need not exist, from now on, or no longer.
  virtual void pod_tier_requests(const PackedText& pod_tier, const PackedText& service_tier, bool in) = 0;
  // It is connected to a global network from now on, or no longer.
  virtual void pod_tier_connects(const PackedText& pod_tier, const std::string& network, bool in) = 0;
  // It exists from now on, and with it its network, or no longer.
  virtual void pod_tier_exists(const PackedText& pod_tier, bool in) = 0;

 protected:
  ~PodTierListener() = default;
};

// The pod tiers: all Pods of a Namespace with one `name` label. A tier costs the same however many Pods it has: they
// are counted.
class PodTierUnits {
 public:
  // Keeps references to all of them. `service_tiers`: to share the memory of their keys.
  PodTierUnits(const Settings& settings, const ExternalUnits& external, const TierKeys& service_tiers, Changes& changes,
               PodTierListener& listener);
  PodTierUnits(const PodTierUnits&) = delete;
  PodTierUnits& operator=(const PodTierUnits&) = delete;

  // A Pod that has a network of its tier, or that had one.
  void add(const PodFacts& pod);
  void remove(const PodFacts& pod);
  // Replaces texts of a Pod that was added by those that others of its tier have.
  void share_texts(PodFacts& pod);
  // One more headless Service of a service tier has Pods of this tier as backends, or one less. Returns the key of the
  // pod tier in the memory of its record, which stays for as long as there are such Services.
  PackedText count_headless(const TierKey& pod_tier, const TierKey& service_tier, bool in);
  // A global network came or went: each may be connected to it.
  void touch_all();

  bool is_settled() const { return dirty_.empty(); }
  void settle();

  // Null where no Pod of the tier has a network.
  const PodTierFacts* find(std::string_view key) const { return facts_in(tiers_, key); }
  PackedText shared_key(std::string_view key) const { return key_in(tiers_, key); }
  // Of those that exist, in no order; of one Namespace, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const { return keys_with_facts(tiers_, ns); }

 private:
  template <class Key>
  using Counts = boost::container::flat_map<Key, std::size_t>;
  struct Record {
    PackedText ns, name;                         // as its Pods share them
    Shared<std::vector<std::string>> last_uses;  // of a Pod of it: nearly always those of them all
    std::size_t pods = 0;
    Counts<std::string> uses;  // names of service tiers of its Namespace, how many Pods name each
    Counts<TierKey> serves;    // service tiers, how many of their headless Services it backs
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
