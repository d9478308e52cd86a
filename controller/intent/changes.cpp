#include "controller/intent/changes.hpp"

#include <string>
#include <utility>

namespace knm {

void Changes::begin() {
  moved_backends_.clear();
  whole_services_.clear();
  moved_users_.clear();
  ++round_;
}

void Changes::add(UnitKind kind, std::string_view key) {
  const auto unit = *changed_.insert({kind, std::string(key)}).first;
  moved_users_.erase(unit);
  if (kind == UnitKind::pod) same_objects_.erase(unit.key);
}

void Changes::add_user(const Unit& unit, const TierKey& pod_tier) {
  const bool fresh = changed_.insert(unit).second;
  const auto known = fresh ? moved_users_.try_emplace(unit).first : moved_users_.find(unit);
  if (known == moved_users_.end()) return;  // a general report was made before
  // A tier that was added and removed again has not changed.
  if (const auto [at, news] = known->second.insert(pod_tier); !news) known->second.erase(at);
}

void Changes::add_with_same_objects(const ObjectKey& pod) {
  if (changed_.insert({UnitKind::pod, pod}).second) same_objects_.insert(pod);
}

void Changes::add_service(const ObjectKey& service) {
  whole_services_.insert(service);
  moved_backends_.erase(service);
  add(UnitKind::service, service);
}

void Changes::add_backends(const ObjectKey& service, const std::vector<ObjectKey>& pods) {
  if (!whole_services_.contains(service)) {
    auto& known = moved_backends_[service];
    known.insert(known.end(), pods.begin(), pods.end());
  }
  add(UnitKind::service, service);
}

std::vector<Unit> Changes::take() {
  std::vector<Unit> out(changed_.begin(), changed_.end());
  changed_.clear();
  same_objects_before_ = std::exchange(same_objects_, {});
  return out;
}

const std::set<TierKey>* Changes::moved_users(const Unit& unit) const {
  const auto found = moved_users_.find(unit);
  return found == moved_users_.end() ? nullptr : &found->second;
}

const std::vector<ObjectKey>* Changes::moved_backends(std::string_view service) const {
  return find_or_null(moved_backends_, service);
}

}  // namespace knm
