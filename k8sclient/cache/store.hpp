#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "k8sclient/api/packed.hpp"
#include "k8sclient/cache/deletion_guard.hpp"
#include "k8sclient/decode/unreadable.hpp"

namespace k8s {

// How much depends on an object, for the deletion guard.
struct Worth {
  std::size_t objects = 1;  // itself; 0: its loss costs nothing
  std::size_t carried = 0;  // dependents: the backends of a Service, the Pods of a Namespace
};

// Receives the changes of the cluster from a reflector. Calls come in one turn of the loop, never nested; they must not
// throw. The objects are valid until the call returns.
template <class T>
class Handler {
 public:
  virtual ~Handler() = default;
  // The object is new, or a field of its projection has changed.
  virtual void on_upsert(const T& object) = 0;
  // The object was deleted; the argument is its last known state (as far as the store keeps it: see Keep). An object
  // that was replaced under the same name (new UID) is reported here first.
  virtual void on_delete(const T& last_known) = 0;
  // The first list is complete and delivered. Called once.
  virtual void on_synced() = 0;
  // The next changes, up to on_relisted(), come from an older state than the known one: etcd was restored from a
  // backup. Versions count anew from there, so no version from before compares with a later one.
  virtual void on_restored() {}
  // A later list, as of `resource_version`, is complete and delivered. Objects that it did not show may never have been
  // deleted by a client: the server may have been restored from a backup.
  virtual void on_relisted(std::uint64_t /*resource_version*/) {}
  // An object exists and cannot be read: its last known state, if any, stays in force. Called again if the reason
  // changes. Of several nameless objects only the first is reported, for all of them.
  virtual void on_unreadable(const Unreadable& /*object*/) {}
  // It can be read again, or was deleted; called before on_upsert or on_delete.
  virtual void on_readable(const Unreadable& /*was*/) {}

  // For the deletion guard: what would be lost if a list does not show this object. The argument is as complete as the
  // store keeps it.
  virtual Worth worth_of(const T& /*known*/) const { return {}; }
  // How many of its dependents a changed object in a list still has.
  virtual std::size_t still_carried(const T& /*shown*/) const { return DeletionGuard::any; }
  // The withheld objects changed, or none is left: their deletion was not reported.
  virtual void on_withheld(const Withheld& /*now*/) {}
};

// Objects that cannot be read now, by object_key. The names of `nameless` further ones are not known; `first` is the
// first of these.
struct Unreadables {
  std::map<std::string, Unreadable, std::less<>> named;
  std::size_t nameless = 0;
  Unreadable first;

  void add(Unreadable&& object);
  std::size_t size() const { return named.size() + nameless; }
};

// The objects of one kind as last seen, in packed form; reading one returns a copy. For users that need only the
// changes, digests are enough.
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

  // Iterates over pairs of key and object.
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

  // Applies one event.
  void upsert(T&& object, Handler<T>& handler);
  void remove(std::string_view ns, std::string_view name, Handler<T>& handler);
  // An event contained an object that cannot be read: it stays as it was. A predecessor with another UID is deleted.
  void keep(Unreadable&& object, Handler<T>& handler);

  // A list that is being read.
  struct Listed {
    Objects objects{};  // whole, without those that are the same
    boost::unordered_flat_set<std::string_view, Hash, SameKey>
        same{};  // keys of digests that the list leaves as they are
    Unreadables unreadable{};
    std::size_t size() const { return objects.size() + same.size() + unreadable.size(); }
  };
  // Adds an object to a list; false: the list has it already. A store of digests compares it at once, so that the end
  // of a list costs as much as it changes. The store may not change between this and replace().
  bool add(const T& object, Listed& listed) const;
  // Removes an object from a list.
  void forget(std::string_view key, Listed& listed) const;
  // Makes a complete list the content, and reports the differences: first deletions, then new and changed objects. An
  // object in the list that cannot be read stays as it was; if there are nameless ones, nothing is deleted, since each
  // may be any object.
  //
  // Losses that the guard does not allow are withheld: the objects stay as they were, and only all other changes are
  // reported. An object counts as lost if it is not shown, if another object (another UID) has its name, or if it has
  // fewer dependents than before. Returns whether a further list must confirm the losses; objects that two lists missed
  // are deleted, or withheld for a person. An event, or a list that shows it, ends this for an object.
  bool replace(Listed&& listed, Handler<T>& handler);

  const Withheld& withheld() const { return withheld_; }

 private:
  struct Losses;

  Packed<T> packed(const T& object) const;
  std::vector<std::string> not_same(const Listed& listed) const;
  Losses losses_by(const Objects& fresh, const std::vector<std::string>& changed, const Handler<T>& handler) const;
  void add_all(Losses& losses, const Handler<T>& handler) const;
  void report_withheld(Withheld now, Handler<T>& handler);
  void release(std::string_view key, Handler<T>& handler);
  void readable(std::string_view key, Handler<T>& handler);
  void replace_unreadable(Unreadables&& now, Handler<T>& handler);
  static bool may_be_among(const Unreadables& unreadable, const Packed<T>& known);
  void set_aside(std::string_view key, Objects& aside);

  Keep keep_;
  DeletionGuard guard_;
  Objects objects_;
  boost::unordered_flat_set<std::string, Hash, SameKey> missed_;  // keys of withheld objects
  Withheld withheld_;
  Unreadables unreadable_;
};

}  // namespace k8s
