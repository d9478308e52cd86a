#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "k8sclient/api/packed.hpp"

namespace k8s {

// What a reflector tells as the cluster changes. Calls come in one turn of the loop, never from inside of each other;
// they must not throw. The objects live until the call returns.
template <class T>
class Handler {
 public:
  virtual ~Handler() = default;
  // The object is new, or something that the projection sees has changed.
  virtual void on_upsert(const T& object) = 0;
  // The object is gone; this is what was last known of it (as much as the store keeps: see Keep). An object that was
  // replaced under the same name (new UID) is deleted first.
  virtual void on_delete(const T& last_known) = 0;
  // The first list is complete and delivered. Once.
  virtual void on_synced() = 0;
  // A later list, as of `resource_version`, is complete and delivered. Nobody saw what it did not show go: the server
  // may have been restored from a backup.
  virtual void on_relisted(std::uint64_t /*resource_version*/) {}
};

// The objects of one kind as last seen. They are kept packed; whoever looks at one gets a copy. Who never looks, but
// only wants to hear of changes, needs digests alone.
template <class T>
class Store {
 public:
  explicit Store(Keep keep = Keep::objects) : keep_(keep) {}

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
    std::size_t operator()(const Packed<T>& object) const noexcept { return (*this)(object.key()); }
  };
  struct SameKey {
    using is_transparent = void;
    static std::string_view key_of(std::string_view key) { return key; }
    static std::string_view key_of(const Packed<T>& object) { return object.key(); }
    bool operator()(const auto& a, const auto& b) const noexcept { return key_of(a) == key_of(b); }
  };
  using Objects = boost::unordered_flat_set<Packed<T>, Hash, SameKey>;  // by object_key

  // Gives pairs of key and object.
  class const_iterator {
   public:
    explicit const_iterator(typename Objects::const_iterator at) : at_(at) {}
    std::pair<std::string, T> operator*() const { return {std::string(at_->key()), at_->unpack()}; }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const const_iterator& other) const { return at_ == other.at_; }

   private:
    typename Objects::const_iterator at_;
  };

  std::optional<T> find(std::string_view ns, std::string_view name) const {
    const auto found = objects_.find(std::string_view(object_key(ns, name)));
    return found == objects_.end() ? std::nullopt : std::optional(found->unpack());
  }
  std::size_t size() const { return objects_.size(); }
  const_iterator begin() const { return const_iterator(objects_.begin()); }
  const_iterator end() const { return const_iterator(objects_.end()); }

  // Carries out one event.
  void upsert(T&& object, Handler<T>& handler);
  void remove(const ObjectMeta& meta, Handler<T>& handler);

  // Makes `fresh` (objects, not digests) the content, and tells the differences: what is gone first, then what is new
  // or changed.
  void replace(Objects&& fresh, Handler<T>& handler);

 private:
  Packed<T> packed(const T& object) const;

  Keep keep_;
  Objects objects_;
};

}  // namespace k8s
