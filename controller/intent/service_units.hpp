#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text_map.hpp"
#include "controller/config/settings.hpp"
#include "controller/intent/changes.hpp"
#include "controller/intent/facts.hpp"
#include "controller/intent/namespace_units.hpp"
#include "controller/intent/pod_units.hpp"
#include "controller/intent/service_addresses.hpp"
#include "controller/intent/service_backends.hpp"
#include "controller/intent/unit_keys.hpp"
#include "k8sclient/api/packed.hpp"

namespace knm {

// Receives changes of Services that concern tiers, during ServiceUnits::settle().
class ServiceListener {
 public:
  // A Service that counts is in a service tier from now on, or no longer. It may join a tier that it is in already.
  virtual void service_joins_tier(const ObjectName& service, const TierKey& tier, bool headless) = 0;
  virtual void service_leaves_tier(const ObjectName& service, const TierKey& tier) = 0;
  // One more headless Service of a service tier has backends of a pod tier, or one fewer.
  virtual void headless_backend(const TierKey& service_tier, const TierKey& pod_tier, bool in) = 0;

 protected:
  ~ServiceListener() = default;
};

// The Services, with their backends and addresses.
class ServiceUnits {
 public:
  // Retains references to all of them.
  ServiceUnits(const Settings& settings, const NamespaceUnits& namespaces, const PodUnits& pods, Changes& changes,
               ServiceListener& listener);
  ServiceUnits(const ServiceUnits&) = delete;
  ServiceUnits& operator=(const ServiceUnits&) = delete;

  void put(const k8s::Service& object);
  void drop(const ObjectKey& key);
  // See Intent::forget_service_versions().
  void forget_versions();
  void put(const k8s::EndpointSlice& object);
  void drop_slice(const ObjectKey& key);
  // A Pod is about to change, and its facts are still the former ones (PodListener).
  void touch_pod(std::string_view uid);
  // The Namespace is served from now on, or no longer. Linear in the number of all Services.
  void touch_namespace(std::string_view ns);
  void set_possession(Possession possession) { addresses_.set_possession(std::move(possession)); }
  void possess(const ObjectKey& service, const contrail::IpAddress& address);

  bool is_settled() const { return dirty_.empty(); }
  void settle();
  // Before the first settle(): forgets what is dirty, and with it all that was dropped. Then touch_all() must precede
  // settle().
  void forget_dirty();
  void touch_all();

  // Null: there is none, or its Namespace is not served.
  const ServiceFacts* find(std::string_view key) const { return facts_in(services_, key); }
  const ServiceAddresses& addresses() const { return addresses_; }
  const Endpoints& endpoints() const { return backends_.endpoints(); }
  PackedText shared_key(std::string_view key) const { return key_in(services_, key); }
  // Of the existing ones, in no order; of one Namespace, or all.
  std::vector<PackedText> keys(std::optional<std::string_view> ns) const { return keys_with_facts(services_, ns); }

 private:
  struct Record {
    std::optional<k8s::Packed<k8s::Service>> object;
    BackendGroup backends;
    std::optional<ServiceFacts> facts;  // while it may get addresses: by its type and its Namespace
    RareList<Problem> own_problems;     // of the Service itself; not of its backends
    TierSet headless_tiers;             // "service tier|pod tier", its contributions while it is headless
  };
  // What is dirty of a Service: all of it, or some of its backends.
  struct Dirty {
    bool whole = false;
    DirtyBackends backends;
  };

  void touch(const ObjectKey& service, std::optional<Endpoints::MemberId> backend);
  void touch_whole(const ObjectKey& service) { dirty_[service].whole = true; }
  void touch_whole(const std::set<ObjectKey>& services);
  Endpoints::Touched touch_backend();
  void settle(const ObjectKey& key, const Dirty& dirty);
  void settle_backends(Record& record, const ObjectKey& key, const Dirty& dirty);
  void settle_whole(Record& record, const ObjectKey& key, const Dirty& dirty);
  ServiceFacts facts_of(const ObjectName& key, Record& record, const k8s::Service& object);
  std::vector<Problem> problems(const ObjectKey& key, const Record& record) const;
  void announce(const ObjectKey& key, const BackendMoves& moves);
  void announce_tier(const ObjectName& key, const std::optional<ServiceFacts>& before,
                     const std::optional<ServiceFacts>& now);
  void announce_headless(Record& record);
  void announce_all_headless(Record& record);
  void announce_headless(const std::string& pair, bool in);

  const Settings& settings_;
  const NamespaceUnits& namespaces_;
  Changes& changes_;
  ServiceListener& listener_;
  ServiceAddresses addresses_;
  ServiceBackends backends_;
  TextMap<Record> services_;
  std::map<ObjectKey, Dirty> dirty_;
};

}  // namespace knm
