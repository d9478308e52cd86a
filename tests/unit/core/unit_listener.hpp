#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/intent/external_units.hpp"
#include "controller/intent/pod_tier_units.hpp"
#include "controller/intent/pod_units.hpp"
#include "controller/intent/service_tier_units.hpp"
#include "controller/intent/service_units.hpp"

namespace knm::test {

// Records the calls of a class of units to its listener, one line for each call.
class UnitListener final : public PodListener,
                           public ServiceListener,
                           public PodTierListener,
                           public ServiceTierListener,
                           public ExternalListener {
 public:
  using Lines = std::vector<std::string>;

  // The lines since the last call of this function.
  Lines calls() { return std::exchange(lines_, {}); }

  void before_backend_changes(std::string_view uid) override { record("before", uid); }
  void pod_joins_tier(const PodFacts& pod) override { record("join", pod.name, pod.tier); }
  void pod_leaves_tier(const PodFacts& pod) override { record("leave", pod.name, pod.tier); }
  void share_texts(PodFacts&) override {}
  void service_joins_tier(const ObjectName& service, const TierKey& tier, bool headless) override {
    record(headless ? "join headless" : "join", service, tier);
  }
  void service_leaves_tier(const ObjectName& service, const TierKey& tier) override { record("leave", service, tier); }
  void headless_backend(const TierKey& service_tier, const TierKey& pod_tier, bool in) override {
    record(sign(in), service_tier, pod_tier);
  }
  void external_network_changes(bool global, const std::vector<std::string>& tiers) override {
    record(global ? "global" : "external");
    for (const auto& tier : tiers) record("tier", tier);
  }
  void pod_tier_requests(const PackedText& pod_tier, const PackedText& service_tier, bool in) override {
    record(sign(in), pod_tier, service_tier);
  }
  void pod_tier_connects(const PackedText& pod_tier, const std::string& network, bool in) override {
    record(sign(in), pod_tier, network);
  }
  void pod_tier_exists(const PackedText& pod_tier, bool in) override { record(sign(in), pod_tier); }
  void service_tier_is_addressed(const PackedText& service_tier, bool in) override { record(sign(in), service_tier); }
  void service_tier_is_served_by(const PackedText& service_tier, std::string_view network, bool in) override {
    record(sign(in), service_tier, network);
  }

 private:
  static std::string_view sign(bool in) { return in ? "+" : "-"; }
  void record(std::string_view verb, std::string_view first = {}, std::string_view second = {}) {
    auto& line = lines_.emplace_back(verb);
    for (const auto text : {first, second})
      if (!text.empty()) line.append(" ").append(text);
  }

  Lines lines_;
};

using Lines = UnitListener::Lines;

inline Lines texts(const auto& keys) {
  Lines out;
  for (const auto& key : keys) out.emplace_back(key);
  return out;
}

inline Lines changed(Changes& changes, UnitKind kind) {
  Lines out;
  for (const auto& unit : changes.take())
    if (unit.kind == kind) out.push_back(unit.key);
  return out;
}

}  // namespace knm::test
