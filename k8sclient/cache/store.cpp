#include "k8sclient/cache/store.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace k8s {

template <class T>
Packed<T> Store<T>::packed(const T& object) const {
  Packed<T> out(object);
  return keep_ == Keep::digests ? out.digested() : std::move(out);
}

template <class T>
void Store<T>::upsert(T&& object, Handler<T>& handler) {
  auto now = packed(object);
  release(now.key(), handler);
  const auto known = objects_.find(now.key());
  if (known == objects_.end()) {
    objects_.insert(std::move(now));
    return handler.on_upsert(object);
  }
  const bool same = known->same_projection(now);
  const bool replaced = known->uid() != now.uid();
  const auto last = replaced ? std::optional(known->unpack()) : std::nullopt;
  objects_.erase(known);
  objects_.insert(std::move(now));
  if (last) handler.on_delete(*last);
  if (!same) handler.on_upsert(object);
}

template <class T>
void Store<T>::remove(const ObjectMeta& meta, Handler<T>& handler) {
  const auto key = object_key(meta);
  release(key, handler);
  const auto known = objects_.find(std::string_view(key));
  if (known == objects_.end()) return;
  const T last = known->unpack();
  objects_.erase(known);
  handler.on_delete(last);
}

// --- The guard
// ----------------------------------------------------------------------------------------------------------------

// What a list would take away.
template <class T>
struct Store<T>::Losses {
  struct Lost {
    std::string key;
    Worth worth;
    bool replaced = false;  // another object has its name: that it is gone is certain, once it is confirmed
  };
  std::vector<Lost> lost;
  Worth there{0, 0};

  // How far the guard lets those go that `counts` names.
  template <class Counts>
  DeletionGuard::Level level(const DeletionGuard& guard, Counts counts) const {
    Worth sum{0, 0};
    std::size_t concerned = 0;
    for (const auto& each : lost) {
      if (!counts(each)) continue;
      sum.objects += each.worth.objects;
      sum.carried += each.worth.carried;
      ++concerned;
    }
    const auto of_objects = guard.level(sum.objects, there.objects);
    auto of_carried = guard.level(sum.carried, there.carried);
    // One of several objects that goes is no accident, however much hangs on it.
    if (concerned == 1 && there.objects > 1) of_carried = std::min(of_carried, DeletionGuard::Level::confirm);
    return std::max(of_objects, of_carried);
  }
};

template <class T>
typename Store<T>::Losses Store<T>::losses_by(const Objects& fresh, const Handler<T>& handler) const {
  Losses out;
  if (!guard_.is_on()) return out;
  for (const auto& known : objects_) {
    const auto shown = fresh.find(known.key());
    const bool gone = shown == fresh.end();
    bool replaced = false;
    if (!gone) {
      const auto digest = keep_ == Keep::digests ? std::optional(shown->digested()) : std::nullopt;
      const auto& now = digest ? *digest : *shown;
      if (known.same_projection(now)) continue;
      replaced = known.uid() != now.uid();
    }
    auto worth = handler.worth_of(known.unpack());
    if (!gone && !replaced) {
      const auto left = handler.still_carried(shown->unpack());
      if (left >= worth.carried) continue;
      if (left > 0) worth.objects = 0;
      worth.carried -= left;
    }
    if (worth.objects > 0 || worth.carried > 0) out.lost.push_back({std::string(known.key()), worth, replaced});
  }
  if (!out.lost.empty()) add_all(out, handler);
  return out;
}

template <class T>
void Store<T>::add_all(Losses& losses, const Handler<T>& handler) const {
  for (const auto& known : objects_) {
    const auto worth = handler.worth_of(known.unpack());
    losses.there.objects += worth.objects;
    losses.there.carried += worth.carried;
  }
}

template <class T>
void Store<T>::tell_withheld(Withheld now, Handler<T>& handler) {
  if (withheld_ == now) return;
  withheld_ = now;
  handler.on_withheld(withheld_);
}

template <class T>
void Store<T>::release(std::string_view key, Handler<T>& handler) {
  const auto missed = missed_.find(key);
  if (missed == missed_.end()) return;
  missed_.erase(missed);
  auto now = withheld_;
  now.objects = missed_.size();
  tell_withheld(missed_.empty() ? Withheld{} : now, handler);
}

template <class T>
bool Store<T>::replace(Objects&& fresh, Handler<T>& handler) {
  using Level = DeletionGuard::Level;
  const auto losses = losses_by(fresh, handler);
  const bool doubted =
      losses.level(guard_, [&](const auto& lost) { return !missed_.contains(lost.key); }) != Level::none;
  const bool held = !doubted && losses.level(guard_, [](const auto& lost) { return !lost.replaced; }) == Level::hold;
  missed_.clear();
  Objects stay;
  for (const auto& lost : losses.lost) {
    if (!doubted && (!held || lost.replaced)) continue;
    missed_.insert(lost.key);
    fresh.erase(std::string_view(lost.key));
    const auto at = objects_.find(std::string_view(lost.key));
    stay.insert(std::move(const_cast<Packed<T>&>(*at)));  // it is erased at once
    objects_.erase(at);
  }
  const Objects old = std::exchange(objects_, {});
  const auto tell = [&](const Objects& whole) {
    for (const auto& last : old) {
      const auto now = objects_.find(last.key());
      if (now == objects_.end() || now->uid() != last.uid()) handler.on_delete(last.unpack());
    }
    for (const auto& object : whole) {
      const auto before = old.find(object.key());
      if (before == old.end() || !before->same_projection(*objects_.find(object.key())))
        handler.on_upsert(object.unpack());
    }
  };
  if (keep_ == Keep::digests) {
    for (const auto& object : fresh) objects_.insert(object.digested());
    tell(fresh);
  } else {
    objects_ = std::move(fresh);
    tell(objects_);
  }
  objects_.merge(stay);
  tell_withheld(missed_.empty() ? Withheld{} : Withheld{missed_.size(), losses.there.objects, held}, handler);
  return doubted;
}

template class Store<Pod>;
template class Store<Service>;
template class Store<Namespace>;
template class Store<EndpointSlice>;

}  // namespace k8s
