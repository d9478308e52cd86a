#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "k8sclient/api/objects.hpp"

namespace k8s {

// "namespace/name", or "name" for a cluster-scoped object.
std::string object_key(std::string_view ns, std::string_view name);
std::string object_key(const ObjectMeta& meta);

// Whether two versions of an object differ in nothing but their resourceVersion, as far as the projection sees them.
template <class T>
bool same_projection(const T& one, T& other) {
  const auto version = other.meta.resource_version;
  other.meta.resource_version = one.meta.resource_version;
  const bool same = one == other;
  other.meta.resource_version = version;
  return same;
}

// What a reflector tells as the cluster changes. Calls come in one turn of the loop, never from inside of each other;
// they must not throw. The objects live until the call returns.
template <class T>
class Handler {
 public:
  virtual ~Handler() = default;
  // The object is new, or something that the projection sees has changed.
  virtual void on_upsert(const T& object) = 0;
  // The object is gone; this is what was last known of it. An object that was replaced under the same name (new UID) is
  // deleted first.
  virtual void on_delete(const T& last_known) = 0;
  // The first list is complete and delivered. Once.
  virtual void on_synced() = 0;
};

// The objects of one kind as last seen. References stay valid until the object changes.
template <class T>
class Store {
 public:
  using Objects = std::unordered_map<std::string, T>;

  const T* find(std::string_view ns, std::string_view name) const {
    const auto found = objects_.find(object_key(ns, name));
    return found == objects_.end() ? nullptr : &found->second;
  }
  std::size_t size() const { return objects_.size(); }
  typename Objects::const_iterator begin() const { return objects_.begin(); }
  typename Objects::const_iterator end() const { return objects_.end(); }

  // Carries out one event.
  void upsert(T&& object, Handler<T>& handler);
  void remove(const ObjectMeta& meta, Handler<T>& handler);

  // Makes `fresh` the content, and tells the differences: what is gone first, then what is new or changed.
  void replace(Objects&& fresh, Handler<T>& handler);

 private:
  Objects objects_;  // by object_key
};

}  // namespace k8s
