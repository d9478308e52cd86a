#include "controller/intent/intent.hpp"

#include <algorithm>
#include <limits>

#include "controller/intent/state.hpp"

namespace knm {
namespace {

// The Namespace whose project would be the default project, which is everybody's: nothing is made of it. Empty: none.
std::string unusable_namespace(const Settings& settings) {
  auto start = settings.default_domain + ":";
  if (!settings.cluster_name.empty()) start += settings.cluster_name + "_";
  return settings.default_project.starts_with(start) ? settings.default_project.substr(start.size()) : "";
}

}  // namespace

Intent::State::State(const Settings& given)
    : settings(given),
      unusable(unusable_namespace(given)),
      claims([this](const Claimant& claimant, const auto& address) {
        return possession && possession(claimant, address);
      }),
      quota(static_cast<std::size_t>(given.public_address_limit),
            [this](const Claimant& claimant, const auto& address) {
              return possession && possession(claimant, address);
            }) {
  for (const auto& [ns, tier] : settings.cluster_service) cluster_wishes.push_back(tier_key(ns, tier));
  configure_outside();
}

std::vector<Unit> Intent::State::settle() {
  moved_backends.clear();
  rebound.clear();
  moved_users.clear();
  ++round;
  // More than once where one of them gets, or gives up, what others claim.
  while (!dirty_services.empty())
    for (const auto& [key, dirty] : std::exchange(dirty_services, {})) settle_service(key, dirty);
  // More than once only where a network of ours is one that others are connected to.
  while (!dirty_outsides.empty() || !dirty_pod_tiers.empty() || !dirty_service_tiers.empty() || !wished.empty()) {
    for (const auto& network : std::exchange(dirty_outsides, {})) settle_outside(network);
    for (const auto& key : std::exchange(dirty_pod_tiers, {})) settle_pod_tier(key);
    for (const auto& key : std::exchange(dirty_service_tiers, {})) settle_service_tier(key);
    for (const auto& [key, tiers] : std::exchange(wished, {}))
      if (!move_users(key, tiers)) settle_service_tier(key);
  }
  std::vector<Unit> out(changed.begin(), changed.end());
  changed.clear();
  reread_before = std::exchange(reread, {});
  return out;
}

Intent::Intent(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
Intent::~Intent() = default;
Intent::Intent(Intent&&) noexcept = default;
Intent& Intent::operator=(Intent&&) noexcept = default;

void Intent::put(const k8s::Namespace& object) {
  NamespaceFacts facts{object.meta.name, object.meta.uid, {}};
  if (facts.name == state_->unusable)
    facts.problems.push_back(
        {"NamespaceReserved", "the project of the Namespace would be " + state_->settings.default_project +
                                  ", which all clusters share, so the controller creates no objects for the Namespace; "
                                  "use another Namespace, or configure another default-project"});
  auto& known = state_->namespaces[facts.name];
  if (known == facts) return;
  known = std::move(facts);
  state_->change(UnitKind::ns, object.meta.name);
  state_->dirty_external_services(object.meta.name);
}

void Intent::drop_namespace(const std::string& name) {
  if (state_->namespaces.erase(name) == 0) return;
  state_->change(UnitKind::ns, name);
  state_->dirty_external_services(name);
}

void Intent::refuse_namespace(const std::string& name, bool refused) { state_->refuse_namespace(name, refused); }
const std::set<std::string, std::less<>>& Intent::refused_namespaces() const { return state_->refused; }

void Intent::State::refuse_namespace(const std::string& name, bool is_refused) {
  if (is_refused ? !refused.insert(name).second : refused.erase(name) == 0) return;
  std::vector<std::pair<ObjectKey, PodFacts>> changed_pods;
  for (const auto& [key, record] : pods)
    if (record.facts.ns == name && record.facts.entitled) changed_pods.emplace_back(key, record.facts);
  for (auto& [key, facts] : changed_pods) {
    facts.networked = has_place(name);
    set_pod(key, std::move(facts));
  }
  for (const auto& [key, record] : services)
    if (ns_of(key) == name) dirty_whole(key);
  dirty_external_services(name);
}

void Intent::put(const k8s::Pod& object) { state_->put_pod(object); }
void Intent::put(const k8s::Service& object) { state_->put_service(object); }
void Intent::put(const k8s::EndpointSlice& object) { state_->put_slice(object); }
void Intent::drop_pod(const ObjectKey& key) { state_->drop_pod(key); }
void Intent::drop_service(const ObjectKey& key) { state_->drop_service(key); }
void Intent::drop_slice(const ObjectKey& key) { state_->drop_slice(key); }
bool Intent::put_outside(std::string_view network, bool exists) { return state_->put_outside(network, exists); }

void Intent::set_possession(Possession possession) { state_->possession = std::move(possession); }
const Possession& Intent::possession() const { return state_->possession; }
void Intent::possess(const ObjectKey& service, const contrail::IpAddress& address) {
  state_->possess(service, address);
}

bool Intent::is_settled() const {
  return state_->dirty_services.empty() && state_->dirty_outsides.empty() && state_->dirty_pod_tiers.empty() &&
         state_->dirty_service_tiers.empty() && state_->changed.empty();
}

std::vector<Unit> Intent::settle() { return state_->settle(); }

const NamespaceFacts* Intent::ns(std::string_view name) const { return find_or_null(state_->namespaces, name); }

bool Intent::has_place(std::string_view name) const { return ns(name) && state_->has_place(name); }

const PodFacts* Intent::pod(std::string_view key) const {
  const auto* record = find_or_null(state_->pods, key);
  return record ? &record->facts : nullptr;
}

const PodFacts* Intent::pod_by_uid(std::string_view uid) const { return state_->pod_by_uid(uid); }

namespace {
template <class Map>
auto* published(const Map& map, std::string_view key) {
  const auto record = map.find(key);
  return record != map.end() && record->second.facts ? &*record->second.facts : nullptr;
}
}  // namespace

std::size_t Intent::endpoints_in(std::string_view slice) const { return state_->endpoints.count_in(slice); }
const PodTierFacts* Intent::pod_tier(std::string_view key) const { return published(state_->pod_tiers, key); }
const ServiceTierFacts* Intent::service_tier(std::string_view key) const {
  return published(state_->service_tiers, key);
}
const ServiceFacts* Intent::service(std::string_view key) const { return published(state_->services, key); }
const OutsideFacts* Intent::outside(std::string_view network) const { return published(state_->outsides, network); }

std::vector<std::string> Intent::outside_networks() const {
  std::vector<std::string> out;
  for (const auto& [network, record] : state_->outsides) out.push_back(network);
  return out;
}

const std::vector<ObjectKey>* Intent::moved_backends(std::string_view key) const {
  return find_or_null(state_->moved_backends, key);
}

bool Intent::has_same_objects(const ObjectKey& pod) const { return state_->reread_before.contains(pod); }

const std::set<TierKey>* Intent::moved_users(const Unit& unit) const {
  const auto found = state_->moved_users.find(unit);
  return found == state_->moved_users.end() ? nullptr : &found->second;
}

std::uint64_t Intent::round() const { return state_->round; }

PackedText Intent::shared_key(const Unit& unit) const {
  switch (unit.kind) {
    case UnitKind::ns:
      return key_in(state_->namespaces, unit.key);
    case UnitKind::pod:
      return key_in(state_->pods, unit.key);
    case UnitKind::pod_tier:
      return key_in(state_->pod_tiers, unit.key);
    case UnitKind::service_tier:
      return key_in(state_->service_tiers, unit.key);
    case UnitKind::service:
      return key_in(state_->services, unit.key);
    case UnitKind::outside:
      break;
  }
  return PackedText(unit.key);
}

namespace {
PackedText first_of(const Claims& claims, const contrail::IpAddress& address) {
  const auto* holder = claims.holder(address);
  return holder ? holder->service : PackedText();
}
}  // namespace

PackedText Intent::claimant(const contrail::IpAddress& address) const { return first_of(state_->claims, address); }
PackedText Intent::shown_by(const contrail::IpAddress& address) const { return first_of(state_->shown, address); }

std::vector<ObjectKey> Intent::services_of(std::string_view pod_uid) const {
  auto out = state_->endpoints.services_of(state_->endpoints.id_of(pod_uid));
  std::sort(out.begin(), out.end());
  return out;
}

namespace {

// The keys of those records that `counts` accepts.
template <class Map>
std::vector<PackedText> keys_of(const Map& map, auto&& counts) {
  std::vector<PackedText> out;
  for (const auto& [key, record] : map)
    if (counts(key, record)) out.emplace_back(key);
  return out;
}

std::vector<PackedText> sorted(std::vector<PackedText> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

std::vector<PackedText> Intent::State::keys(UnitKind kind, std::optional<std::string_view> ns) const {
  const auto is_inside = [&](std::string_view key) { return !ns || ns_of(key) == *ns; };
  const auto always = [&](std::string_view key, const auto&) { return is_inside(key); };
  const auto with_facts = [&](std::string_view key, const auto& record) { return record.facts && is_inside(key); };
  switch (kind) {
    case UnitKind::ns:
      return keys_of(namespaces, always);
    case UnitKind::pod:
      return keys_of(pods, always);
    case UnitKind::pod_tier:
      return keys_of(pod_tiers, with_facts);
    case UnitKind::service_tier:
      return keys_of(service_tiers, with_facts);
    case UnitKind::service:
      return keys_of(services, with_facts);
    case UnitKind::outside:
      return keys_of(outsides, with_facts);
  }
  return {};
}

std::vector<PackedText> Intent::keys(UnitKind kind) const { return sorted(unsorted_keys(kind)); }
std::vector<PackedText> Intent::unsorted_keys(UnitKind kind) const { return state_->keys(kind, std::nullopt); }
std::vector<PackedText> Intent::keys_in(UnitKind kind, std::string_view ns) const {
  return sorted(state_->keys(kind, ns));
}
std::size_t Intent::pods_without_state() const { return state_->without_state; }

std::vector<TierKey> Intent::attached(const PodTierFacts& tier) const {
  std::vector<TierKey> out;
  const auto add_open = [&](const TierSet& keys) {
    for (const auto& key : keys)
      if (const auto* facts = service_tier(key); facts && facts->open()) out.push_back(key);
  };
  add_open(tier.wishes);
  add_open(tier.serves);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace knm
