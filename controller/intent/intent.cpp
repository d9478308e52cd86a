#include "controller/intent/intent.hpp"

#include <algorithm>
#include <utility>

#include "controller/intent/state.hpp"

namespace knm {
Intent::Intent(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
Intent::~Intent() = default;
Intent::Intent(Intent&&) noexcept = default;
Intent& Intent::operator=(Intent&&) noexcept = default;

void Intent::put(const k8s::Namespace& object) { state_->put(object); }
void Intent::put(const k8s::Pod& object) { state_->pods.put(object); }
void Intent::put(const k8s::Service& object) { state_->services.put(object); }
void Intent::put(const k8s::EndpointSlice& object) { state_->services.put(object); }
void Intent::drop_namespace(const std::string& name) { state_->drop_namespace(name); }
void Intent::drop_pod(const ObjectKey& key) { state_->pods.drop(key); }
void Intent::drop_service(const ObjectKey& key) { state_->services.drop(key); }
void Intent::drop_slice(const ObjectKey& key) { state_->services.drop_slice(key); }
void Intent::forget_pod_versions() { state_->pods.forget_versions(); }
void Intent::forget_service_versions() { state_->services.forget_versions(); }
bool Intent::put_external_network(std::string_view network, bool exists) {
  return state_->external.put(network, exists);
}

void Intent::set_possession(Possession possession) { state_->services.set_possession(std::move(possession)); }
const Possession& Intent::possession() const { return state_->services.addresses().possession(); }
void Intent::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  state_->services.possess(service, address);
}

void Intent::refuse_namespace(const std::string& name, bool refused) { state_->refuse_namespace(name, refused); }
const std::set<std::string, std::less<>>& Intent::refused_namespaces() const { return state_->namespaces.refused(); }

bool Intent::is_settled() const { return state_->is_settled(); }
std::vector<Unit> Intent::settle() { return state_->settle(); }
void Intent::forget_changes() { state_->forget_changes(); }

const NamespaceFacts* Intent::ns(std::string_view name) const { return state_->namespaces.find(name); }
bool Intent::is_served(std::string_view name) const { return ns(name) && state_->namespaces.is_served(name); }
const PodFacts* Intent::pod(std::string_view key) const { return state_->pods.find(key); }
const PodFacts* Intent::pod_by_uid(std::string_view uid) const { return state_->pods.by_uid(uid); }
const PodTierFacts* Intent::pod_tier(std::string_view key) const { return state_->pod_tiers.find(key); }
const ServiceTierFacts* Intent::service_tier(std::string_view key) const { return state_->service_tiers.find(key); }
const ServiceFacts* Intent::service(std::string_view key) const { return state_->services.find(key); }
const ExternalNetworkFacts* Intent::outside(std::string_view network) const { return state_->external.find(network); }

std::vector<std::string> Intent::external_networks() const { return state_->external.configured(); }
std::size_t Intent::pods_without_state() const { return state_->pods.without_state(); }

std::size_t Intent::endpoints_in(std::string_view slice) const { return state_->services.endpoints().count_in(slice); }

std::vector<ObjectKey> Intent::services_of(std::string_view pod_uid) const {
  const auto& endpoints = state_->services.endpoints();
  auto out = endpoints.services_of(endpoints.id_of(pod_uid));
  std::sort(out.begin(), out.end());
  return out;
}

PackedText Intent::claimant(const contrail::IpAddress& address) const {
  return state_->services.addresses().claimant(address);
}
PackedText Intent::shown_by(const contrail::IpAddress& address) const {
  return state_->services.addresses().shown_by(address);
}

const std::vector<ObjectKey>* Intent::moved_backends(std::string_view key) const {
  return state_->changes.moved_backends(key);
}
bool Intent::has_same_objects(const ObjectKey& pod) const { return state_->changes.has_same_objects(pod); }
const std::set<TierKey>* Intent::moved_users(const Unit& unit) const { return state_->changes.moved_users(unit); }
std::uint64_t Intent::round() const { return state_->changes.round(); }

PackedText Intent::shared_key(const Unit& unit) const {
  switch (unit.kind) {
    case UnitKind::ns:
      return state_->namespaces.shared_key(unit.key);
    case UnitKind::pod:
      return state_->pods.shared_key(unit.key);
    case UnitKind::pod_tier:
      return state_->pod_tiers.shared_key(unit.key);
    case UnitKind::service_tier:
      return state_->service_tiers.shared_key(unit.key);
    case UnitKind::service:
      return state_->services.shared_key(unit.key);
    case UnitKind::external_network:
      break;
  }
  return PackedText(unit.key);
}

namespace {

std::vector<PackedText> sorted(std::vector<PackedText> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

std::vector<PackedText> Intent::keys(UnitKind kind) const { return sorted(unsorted_keys(kind)); }
std::vector<PackedText> Intent::unsorted_keys(UnitKind kind) const { return state_->keys(kind, std::nullopt); }
std::vector<PackedText> Intent::keys_in(UnitKind kind, std::string_view ns) const {
  return sorted(state_->keys(kind, ns));
}

std::vector<TierKey> Intent::attached(const PodTierFacts& tier) const {
  std::vector<TierKey> out;
  const auto add_open = [&](const TierSet& keys) {
    for (const auto& key : keys)
      if (const auto* facts = service_tier(key); facts && facts->open()) out.push_back(key);
  };
  add_open(tier.requested);
  add_open(tier.serves);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace knm
