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

void Unreadables::add(Unreadable&& object) {
  if (object.named) {
    auto key = object_key(object.ns, object.name);
    named.insert_or_assign(std::move(key), std::move(object));
  } else if (nameless++ == 0) {
    first = std::move(object);
  }
}

// The object is readable again, or deleted.
template <class T>
void Store<T>::readable(std::string_view key, Handler<T>& handler) {
  const auto known = unreadable_.named.find(key);
  if (known == unreadable_.named.end()) return;
  const Unreadable was = std::move(known->second);
  unreadable_.named.erase(known);
  handler.on_readable(was);
}

template <class T>
void Store<T>::upsert(T&& object, Handler<T>& handler) {
  auto now = packed(object);
  release(now.key(), handler);
  readable(now.key(), handler);
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
void Store<T>::remove(std::string_view ns, std::string_view name, Handler<T>& handler) {
  const auto key = object_key(ns, name);
  release(key, handler);
  readable(key, handler);
  const auto known = objects_.find(std::string_view(key));
  if (known == objects_.end()) return;
  const T last = known->unpack();
  objects_.erase(known);
  handler.on_delete(last);
}

// --- Unreadable objects

template <class T>
void Store<T>::keep(Unreadable&& object, Handler<T>& handler) {
  if (!object.named) {
    const bool is_first = unreadable_.nameless == 0;
    unreadable_.add(std::move(object));
    if (is_first) handler.on_unreadable(unreadable_.first);
    return;
  }
  const auto key = object_key(object.ns, object.name);
  release(key, handler);
  const auto known = objects_.find(std::string_view(key));
  if (known != objects_.end() && !object.uid.empty() && !known->has_uid(object.uid)) {
    const T last = known->unpack();
    objects_.erase(known);
    handler.on_delete(last);
  }
  auto& entry = unreadable_.named[key];
  const bool is_new = entry.why != object.why || entry.uid != object.uid;
  entry = std::move(object);
  if (is_new) handler.on_unreadable(entry);
}

template <class T>
void Store<T>::replace_unreadable(Unreadables&& now, Handler<T>& handler) {
  const Unreadables before = std::exchange(unreadable_, std::move(now));
  for (const auto& [key, was] : before.named)
    if (!unreadable_.named.contains(key)) handler.on_readable(was);
  if (before.nameless > 0 && unreadable_.nameless == 0) handler.on_readable(before.first);
  for (const auto& [key, object] : unreadable_.named) {
    const auto was = before.named.find(key);
    if (was == before.named.end() || was->second.why != object.why || was->second.uid != object.uid)
      handler.on_unreadable(object);
  }
  if (unreadable_.nameless > 0 && before.nameless == 0) handler.on_unreadable(unreadable_.first);
}

// --- The guard

// The losses by a list.
template <class T>
struct Store<T>::Losses {
  struct Lost {
    std::string key;
    Worth worth;
    bool replaced = false;  // another object has its name: once confirmed, its deletion is certain
  };
  std::vector<Lost> lost;
  Worth there{0, 0};

  // Whether that can depend on what is there.
  bool may_be_too_many(const DeletionGuard& guard) const {
    Worth sum{0, 0};
    for (const auto& each : lost) {
      sum.objects += each.worth.objects;
      sum.carried += each.worth.carried;
    }
    return std::max(guard.level(sum.objects, 0), guard.level(sum.carried, 0)) != DeletionGuard::Level::none;
  }

  // The level of confirmation for the losses that `counts` selects.
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
    // The deletion of one of several objects is not an accident, even with many dependents.
    if (concerned == 1 && there.objects > 1) of_carried = std::min(of_carried, DeletionGuard::Level::confirm);
    return std::max(of_objects, of_carried);
  }
};

template <class T>
typename Store<T>::Losses Store<T>::losses_by(const Objects& fresh, const std::vector<std::string>& changed,
                                              const Handler<T>& handler) const {
  Losses out;
  if (!guard_.is_on()) return out;
  for (const auto& key : changed) {
    const auto at = objects_.find(std::string_view(key));
    if (at == objects_.end()) continue;  // unreadable
    const auto& known = *at;
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
    if (worth.objects > 0 || worth.carried > 0) out.lost.push_back({key, worth, replaced});
  }
  if (out.may_be_too_many(guard_)) add_all(out, handler);
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
void Store<T>::report_withheld(Withheld now, Handler<T>& handler) {
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
  report_withheld(missed_.empty() ? Withheld{} : now, handler);
}

// Whether a list contains, or may contain, the known object in unreadable form.
template <class T>
bool Store<T>::may_be_among(const Unreadables& unreadable, const Packed<T>& known) {
  if (unreadable.nameless > 0) return true;
  const auto found = unreadable.named.find(known.key());
  return found != unreadable.named.end() && (found->second.uid.empty() || known.has_uid(found->second.uid));
}

template <class T>
void Store<T>::set_aside(std::string_view key, Objects& aside) {
  const auto at = objects_.find(key);
  aside.insert(std::move(const_cast<Packed<T>&>(*at)));  // it is erased at once
  objects_.erase(at);
}

template <class T>
bool Store<T>::add(const T& object, Listed& listed) const {
  Packed<T> shown(object);
  if (keep_ == Keep::objects) return listed.objects.insert(std::move(shown)).second;
  if (listed.same.contains(shown.key()) || listed.objects.contains(shown.key())) return false;
  const auto known = objects_.find(shown.key());
  if (known != objects_.end() && *known == shown.digested())
    listed.same.insert(known->key());
  else
    listed.objects.insert(std::move(shown));
  return true;
}

template <class T>
void Store<T>::forget(std::string_view key, Listed& listed) const {
  listed.same.erase(key);
  listed.objects.erase(key);
  const auto unreadable = listed.unreadable.named.find(key);
  if (unreadable != listed.unreadable.named.end()) listed.unreadable.named.erase(unreadable);
}

// The keys of all objects that a list does not show as they are known.
template <class T>
std::vector<std::string> Store<T>::not_same(const Listed& listed) const {
  std::vector<std::string> out;
  if (listed.same.size() == objects_.size()) return out;
  for (const auto& known : objects_)
    if (!listed.same.contains(known.key())) out.emplace_back(known.key());
  return out;
}

template <class T>
bool Store<T>::replace(Listed&& listed, Handler<T>& handler) {
  using Level = DeletionGuard::Level;
  auto& fresh = listed.objects;
  const auto changed = not_same(listed);
  Objects stay;
  if (listed.unreadable.size() > 0)
    for (const auto& key : changed)
      if (!fresh.contains(std::string_view(key)) &&
          may_be_among(listed.unreadable, *objects_.find(std::string_view(key))))
        set_aside(key, stay);
  const auto losses = losses_by(fresh, changed, handler);
  const bool doubted =
      losses.level(guard_, [&](const auto& lost) { return !missed_.contains(lost.key); }) != Level::none;
  const bool held = !doubted && losses.level(guard_, [](const auto& lost) { return !lost.replaced; }) == Level::hold;
  missed_.clear();
  for (const auto& lost : losses.lost) {
    if (!doubted && (!held || lost.replaced)) continue;
    missed_.insert(lost.key);
    fresh.erase(std::string_view(lost.key));
    set_aside(lost.key, stay);
  }
  Objects old;
  for (const auto& key : changed)
    if (objects_.contains(std::string_view(key))) set_aside(key, old);
  const auto tell = [&](const Objects& whole) {
    for (const auto& last : old) {
      const auto now = objects_.find(last.key());
      if (now == objects_.end() || now->uid() != last.uid()) handler.on_delete(last.unpack());
    }
    T object;
    for (const auto& packed : whole) {
      if (const auto before = old.empty() ? old.end() : old.find(packed.key());
          before != old.end() && before->same_projection(*objects_.find(packed.key())))
        continue;
      packed.unpack_to(object);
      handler.on_upsert(object);
    }
  };
  replace_unreadable(std::move(listed.unreadable), handler);
  if (keep_ == Keep::digests) {
    for (const auto& object : fresh) objects_.insert(object.digested());
    tell(fresh);
  } else {  // none is the same
    objects_ = std::move(fresh);
    tell(objects_);
  }
  objects_.merge(stay);
  report_withheld(missed_.empty() ? Withheld{} : Withheld{missed_.size(), losses.there.objects, held}, handler);
  return doubted;
}

template class Store<Pod>;
template class Store<Service>;
template class Store<Namespace>;
template class Store<EndpointSlice>;

}  // namespace k8s
