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

// Receives changes of Pods while a Pod is put or dropped.
class PodListener {
 public:
  // The standing of the Pod with this UID as a backend is about to change. The facts are still the former ones, so that
  // former counts can be subtracted.
  virtual void before_backend_changes(std::string_view uid) = 0;
  // The Pod has a network of its tier from now on, or no longer. A Pod that stays in a tier and uses other service
  // tiers joins before it leaves, so that its tier is never empty in between.
  virtual void pod_joins_tier(const PodFacts& pod) = 0;
  virtual void pod_leaves_tier(const PodFacts& pod) = 0;
  // Replaces texts by equal ones that other units have in memory already.
  virtual void share_texts(PodFacts& pod) = 0;

 protected:
  ~PodListener() = default;
};

// The Pods. Their facts follow from the object and its Namespace at once, so settle() has nothing to do.
class PodUnits {
 public:
  // Retains references to all of them.
  PodUnits(const Settings& settings, const NamespaceUnits& namespaces, Changes& changes, PodListener& listener);
  PodUnits(const PodUnits&) = delete;
  PodUnits& operator=(const PodUnits&) = delete;

  void put(const k8s::Pod& object);
  void drop(std::string_view key);
  // See Intent::forget_pod_versions().
  void forget_versions();
  // The Namespace is served from now on, or no longer. Linear in the number of its Pods.
  void update_namespace(std::string_view ns);

  // Null: there is none. The key in the facts shares memory with the record.
  const PodFacts* find(std::string_view key) const;
  const PodFacts* by_uid(std::string_view uid) const;
  // The number of Pods that should have a network and lack the annotation.
  std::size_t without_state() const { return without_state_; }
  PackedText shared_key(std::string_view key) const;
  // In no order; of one Namespace, linear in its Pods, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const;

 private:
  using Pods = TextMap<PodFacts>;  // of one Namespace
  // The UID in the facts is the key of the index, so it must not change while the Pod is in it.
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
  const Pods* in(std::string_view ns) const;
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
  // The Namespace of the last lookup: lookups of one change are nearly always in the same one.
  mutable const TextMap<Pods>::value_type* last_ = nullptr;
  ByUid by_uid_;
  std::size_t without_state_ = 0;
};

}  // namespace knm
