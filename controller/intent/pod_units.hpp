#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/base/text_map.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/changes.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/namespace_units.hpp"
#include "k8sclient/api/objects.hpp"

namespace knm {

// What the units above Pods hear of them, while a Pod is put or dropped.
class PodListener {
 public:
  // What a Service makes of the Pod with this UID is about to change. The facts are still the former ones, so that what
  // was counted by them can be taken back.
  virtual void before_backend_changes(std::string_view uid) = 0;
  // The Pod holds a network of its tier from now on, or no longer. A Pod that stays in a tier and uses other service
  // tiers joins before it leaves, so that its tier is never seen empty.
  virtual void pod_joins_tier(const PodFacts& pod) = 0;
  virtual void pod_leaves_tier(const PodFacts& pod) = 0;
  // To replace texts by equal ones that other units have in memory already.
  virtual void share_texts(PodFacts& pod) = 0;

 protected:
  ~PodListener() = default;
};

// The Pods. Their facts follow from the object and its Namespace at once, so nothing is left for settle().
class PodUnits {
 public:
  // Keeps references to all of them.
  PodUnits(const Settings& settings, const NamespaceUnits& namespaces, Changes& changes, PodListener& listener);
  PodUnits(const PodUnits&) = delete;
  PodUnits& operator=(const PodUnits&) = delete;

  void put(const k8s::Pod& object);
  void drop(std::string_view key);
  // The Namespace is served from now on, or no longer. Costs a walk over its Pods.
  void update_namespace(std::string_view ns);

  // Null where there is none. The key of the facts is in the memory that the Pod's record has it in.
  const PodFacts* find(std::string_view key) const;
  const PodFacts* by_uid(std::string_view uid) const;
  // How many want a network and are without the annotation that says that they have one.
  std::size_t without_state() const { return without_state_; }
  PackedText shared_key(std::string_view key) const;
  // In no order; of one Namespace, at the cost of its Pods, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const;

 private:
  using Pods = TextMap<PodFacts>;  // of one Namespace
  // The UID is that of the facts, so it may not change while the Pod is in the index.
  struct UidHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view uid) const noexcept { return std::hash<std::string_view>{}(uid); }
    std::size_t operator()(const PodFacts* pod) const noexcept { return (*this)(pod->uid); }
  };
  struct SameUid {
    using is_transparent = void;
    static std::string_view of(std::string_view uid) { return uid; }
    static std::string_view of(const PodFacts* pod) { return pod->uid; }
    bool operator()(const auto& a, const auto& b) const noexcept { return of(a) == of(b); }
  };
  using ByUid = boost::unordered_flat_set<const PodFacts*, UidHash, SameUid>;

  static bool lacks_state(const PodFacts& pod) { return pod.has_network && !pod.state; }
  const Pods* in(std::string_view ns) const { return find_or_null(pods_, ns); }
  void set(std::string_view key, PodFacts facts);
  void set(Pods::value_type& pod, PodFacts facts);
  void announce(const PodFacts& before, const PodFacts& after);
  void add_to_index(const PodFacts& pod);
  void remove_from_index(const PodFacts& pod);

  const Settings& settings_;
  const NamespaceUnits& namespaces_;
  Changes& changes_;
  PodListener& listener_;
  TextMap<Pods> pods_;  // by Namespace
  ByUid by_uid_;
  std::size_t without_state_ = 0;
};

}  // namespace knm
