#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "k8sclient/api/packed.hpp"
#include "k8sclient/cache/deletion_guard.hpp"
#include "k8sclient/decode/unreadable.hpp"

namespace k8s {

// What hangs on an object, for the deletion guard.
struct Worth {
  std::size_t objects = 1;  // itself; 0: nothing is lost with it
  std::size_t carried = 0;  // what others get by it: a Service its backends, a Namespace its Pods
};

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
  // There is an object that cannot be read: what was last known of it, if anything was, goes on counting. Told again
  // when something else is wrong with it. Of nameless ones the first is told, for all of them.
  virtual void on_unreadable(const Unreadable& /*object*/) {}
  // It can be read now, or is gone; before on_upsert or on_delete tells which.
  virtual void on_readable(const Unreadable& /*was*/) {}

  // For the deletion guard: what a list that does not show this object would take away. It is known as well as the
  // store keeps it.
  virtual Worth worth_of(const T& /*known*/) const { return {}; }
  // How much of what it carried an object still carries that a list shows otherwise than it was known.
  virtual std::size_t still_carried(const T& /*shown*/) const { return DeletionGuard::any; }
  // Other objects than before are withheld, or none any longer: nothing was told of them.
  virtual void on_withheld(const Withheld& /*now*/) {}
};

// Objects that cannot be read now, by object_key. Of `nameless` further ones not even the names are known; `first` is
// the first of these.
struct Unreadables {
  std::map<std::string, Unreadable, std::less<>> named;
  std::size_t nameless = 0;
  Unreadable first;

  void add(Unreadable&& object);
  std::size_t size() const { return named.size() + nameless; }
};

// The objects of one kind as last seen. They are kept packed; whoever looks at one gets a copy. Who never looks, but
// only wants to hear of changes, needs digests alone.
template <class T>
class Store {
 public:
  explicit Store(Keep keep = Keep::objects, DeletionGuard guard = {}) : keep_(keep), guard_(guard) {}

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
    std::size_t operator()(const std::string& key) const noexcept { return (*this)(std::string_view(key)); }
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

  const Unreadables& unreadable() const { return unreadable_; }

  // Carries out one event.
  void upsert(T&& object, Handler<T>& handler);
  void remove(std::string_view ns, std::string_view name, Handler<T>& handler);
  // An event brought an object that cannot be read: it stays as it was. A predecessor of another UID is gone.
  void keep(Unreadable&& object, Handler<T>& handler);

  // What a complete list shows: objects (not digests), and unreadable ones.
  struct Listed {
    Objects objects{};
    Unreadables unreadable{};
    std::size_t size() const { return objects.size() + unreadable.size(); }
  };
  // Makes it, which is a list of all, the content, and tells the differences: what is gone first, then what is new or
  // changed. An object that the list has and that cannot be read stays as it was; where it has nameless ones nothing
  // goes, for each may be any.
  //
  // Where it takes away more than the guard lets go, that is withheld: it stays as it was, and nothing is told of it,
  // while all else is. It counts as lost if it is not shown, if another object (another UID) has its name, or if it
  // carries less than before. Answers whether a further list must say the same; what two lists have missed goes, or is
  // withheld for a person. An event, or a list that shows it, ends that for each object alone.
  bool replace(Listed&& listed, Handler<T>& handler);

  const Withheld& withheld() const { return withheld_; }

 private:
  struct Losses;

  Packed<T> packed(const T& object) const;
  Losses losses_by(const Objects& fresh, const Handler<T>& handler) const;
  void add_all(Losses& losses, const Handler<T>& handler) const;
  void tell_withheld(Withheld now, Handler<T>& handler);
  void release(std::string_view key, Handler<T>& handler);
  void readable(std::string_view key, Handler<T>& handler);
  void replace_unreadable(Unreadables&& now, Handler<T>& handler);
  static bool may_be_among(const Unreadables& unreadable, const Packed<T>& known);
  void set_aside(std::string_view key, Objects& aside);

  Keep keep_;
  DeletionGuard guard_;
  Objects objects_;
  boost::unordered_flat_set<std::string, Hash, SameKey> missed_;  // keys of what is withheld
  Withheld withheld_;
  Unreadables unreadable_;
};

}  // namespace k8s
