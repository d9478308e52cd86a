#include "controller/engine/network_waits.hpp"

namespace knm {

void NetworkWaits::review(const ObjectKey& key, Time now) {
  const auto* pod = intent_.pod(key);
  const auto seen = first_seen_.find(key);
  const bool waits = seen != first_seen_.end();
  if (!pod || !pod->has_network) {
    if (waits) first_seen_.erase(seen);
    return;
  }
  const auto id = table_.slot(TargetApi::pod_state, contrail::Type::project, key);
  const auto& entry = table_[id];
  if (pod->state) {
    if (entry.desired() == entry.observed() && !entry.observed().empty()) over(id, now);
    return;
  }
  const bool is_told = entry.identity() == identity_of(pod->uid);
  if (!waits && entry.observed().empty() && !is_told) first_seen_.try_emplace(pod->key, now);
}

void NetworkWaits::over(SlotId id, Time now) {
  auto& entry = table_[id];
  if (const auto* pod = intent_.pod(entry.name())) {
    entry.identify_text(identity_of(pod->uid));
  }
  const auto seen = first_seen_.find(entry.name());
  if (seen == first_seen_.end()) return;
  reports_.tell(Report::Kind::pod_ready, id, Step::patch, 0, {}, now - seen->second);
  first_seen_.erase(seen);
}

}  // namespace knm
