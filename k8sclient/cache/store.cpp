#include "k8sclient/cache/store.hpp"

#include <utility>

namespace k8s {

template <class T>
Packed<T> Store<T>::packed(const T& object) const {
  Packed<T> out(object);
  return keep_ == Keep::digests ? out.digested() : std::move(out);
}

template <class T>
void Store<T>::upsert(T&& object, Handler<T>& handler) {
  auto now = packed(object);
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
  const auto known = objects_.find(std::string_view(object_key(meta)));
  if (known == objects_.end()) return;
  const T last = known->unpack();
  objects_.erase(known);
  handler.on_delete(last);
}

template <class T>
void Store<T>::replace(Objects&& fresh, Handler<T>& handler) {
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
}

template class Store<Pod>;
template class Store<Service>;
template class Store<Namespace>;
template class Store<EndpointSlice>;

}  // namespace k8s
