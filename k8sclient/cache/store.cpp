#include "k8sclient/cache/store.hpp"

#include <utility>
#include <vector>

namespace k8s {

std::string object_key(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + 1 + name.size());
  if (!ns.empty()) (key += ns) += '/';
  return key += name;
}

std::string object_key(const ObjectMeta& meta) { return object_key(meta.ns, meta.name); }

template <class T>
void Store<T>::upsert(T&& object, Handler<T>& handler) {
  std::string key = object_key(object.meta);
  const auto [slot, is_new] = objects_.try_emplace(std::move(key));
  if (!is_new && slot->second.meta.uid != object.meta.uid) {
    const T last = std::exchange(slot->second, std::move(object));
    handler.on_delete(last);
    return handler.on_upsert(slot->second);
  }
  const bool changed = is_new || !same_projection(slot->second, object);
  slot->second = std::move(object);
  if (changed) handler.on_upsert(slot->second);
}

template <class T>
void Store<T>::remove(const ObjectMeta& meta, Handler<T>& handler) {
  auto node = objects_.extract(object_key(meta));
  if (node) handler.on_delete(node.mapped());
}

template <class T>
void Store<T>::replace(Objects&& fresh, Handler<T>& handler) {
  Objects old = std::exchange(objects_, std::move(fresh));
  for (const auto& [key, last] : old) {
    const auto now = objects_.find(key);
    if (now == objects_.end() || now->second.meta.uid != last.meta.uid) handler.on_delete(last);
  }
  for (auto& [key, object] : objects_) {
    const auto before = old.find(key);
    const bool changed =
        before == old.end() || before->second.meta.uid != object.meta.uid || !same_projection(before->second, object);
    if (changed) handler.on_upsert(object);
  }
}

template class Store<Pod>;
template class Store<Service>;
template class Store<Namespace>;
template class Store<EndpointSlice>;

}  // namespace k8s
