#include "controller/engine/engine.hpp"

// What a complete list of one kind shows after its watch was interrupted. Its versions may be older than those that our
// own writes were answered with: an etcd restored from a backup counts anew from there.
namespace knm {

void Engine::relisted(Watched kind, Home home, std::uint64_t resource_version) {
  if (!running_) return;
  relisted_ = true;
  guard_.awaited.reset(static_cast<std::size_t>(kind));
  if (home == Home::config) return;
  const auto version_of = [&](const Entry& entry) -> std::optional<std::uint64_t> {
    if (home == Home::pod_state) {
      const auto* pod = intent_.pod(entry.name());
      return pod ? std::optional(pod->resource_version) : std::nullopt;
    }
    const auto* service = intent_.service(entry.name());
    return service ? std::optional(service->resource_version) : std::nullopt;
  };
  for (SlotId id = 0; id < table_.size(); ++id) {
    auto& entry = table_[id];
    if (entry.home() != home || entry.confirmed_at() == 0 || entry.confirmed_at() > resource_version) continue;
    // The list has seen our write, and no watch has shown it: it is undone.
    if (version_of(entry).value_or(entry.confirmed_at()) < entry.confirmed_at()) reread_.push_back(id);
    entry.confirm(0);
  }
}

void Engine::end_relist(Time now) {
  relisted_ = false;
  for (const auto id : std::exchange(reread_, {})) rebind_owner_of(id, now);
  if (!guard_.unconfirmed.empty() && guard_.awaited.none()) confirm_deletions();
  review_guard();
}

}  // namespace knm
