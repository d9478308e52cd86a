#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "controller/plan/entry.hpp"
#include "controller/plan/uuid_index.hpp"

namespace knm {

// All entries, by slot and by name. Slots of entries that are neither desired nor existing are used again.
class Table {
 public:
  Table() = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // The slot of a name; makes an entry if there is none.
  SlotId slot(TargetApi api, contrail::Type type, std::string_view name);
  SlotId slot(contrail::Type type, std::string_view name) { return slot(TargetApi::config, type, name); }
  SlotId find(contrail::Type type, std::string_view name) const;  // no_slot: there is none
  // The entry that a reference points to; no_slot: there is none.
  SlotId target(const FieldDigest& reference) const;

  // Keeps an index of the uuids of existing config objects from now on.
  void index_uuids();
  // The entry of the config object with this uuid, which exists or did; no_slot: none is known. Needs the index.
  SlotId find(const contrail::Uuid& uuid) const;

  // The floating IP that exists with this uuid; no_slot: there is none. A Service's address keeps its uuid when its
  // name changes.
  SlotId floating_ip(const contrail::Uuid& uuid) const;

  Entry& operator[](SlotId id) { return chunks_[id / chunk][id % chunk]; }
  const Entry& operator[](SlotId id) const { return chunks_[id / chunk][id % chunk]; }
  std::size_t size() const { return size_; }
  // The number of slots in use.
  std::size_t in_use() const { return size_ - free_.size(); }

  // Retains this network, once it exists and is owned, and its project, even if their Kubernetes objects are deleted.
  // From the configuration; called before anything is loaded.
  void retain(SlotId network, SlotId project);

  // `waiter` is to be scheduled again when `id` becomes ready, fails or is deleted.
  void wait_for(SlotId id, SlotId waiter);
  SlotList take_waiters(SlotId id);

  // Frees the slots of entries that are neither desired nor existing and that are not referred to: neither by another
  // entry nor from outside, as `needed` says by slot. An entry that was written to since `since` stays, so that an
  // older reading of a running audit finds it. Linear in the number of slots.
  void free_unused(std::vector<bool> needed, std::uint64_t since);

  // Adds a soft reference to a desired entry, or removes it. Returns whether that changed anything.
  bool want_reference(SlotId id, contrail::Field field, std::string_view target_name, bool wanted);

  // Sets the observed state; keeps the counts of dependents. `items` must be empty for a deleted object. Returns the
  // entries whose deletion it no longer blocks.
  SlotList set_observed(SlotId id, bool exists, FieldDigests items);

 private:
  bool holds_anyway(const Entry& entry, SlotId id) const;
  SlotList all_held(const Entry& entry, const FieldDigests& items) const;
  SlotList move_holds(Entry& entry, const FieldDigests& items);
  SlotList replace_holds(Entry& entry, SlotList holds);
  void note_floating_ip(SlotId id, bool exists);
  void note_uuid(SlotId id);
  void note_retained(SlotId id);
  void hold(const Entry& holder, SlotId id, int step);

  // A lookup key: a name, or its hash if a reference has only that. Only the slot is stored.
  struct Name {
    TargetApi api;
    contrail::Type type;
    std::string_view text;
  };
  struct NameKey {
    std::uint64_t value;
  };
  static NameKey key_of(const Name& name);
  static NameKey key_of(NameKey key) { return key; }
  NameKey key_of(SlotId id) const { return key_of(name_of(id)); }
  Name name_of(SlotId id) const { return {(*this)[id].target_api(), (*this)[id].type(), (*this)[id].name()}; }
  struct Hash {
    using is_transparent = void;
    const Table* table;
    std::size_t operator()(const auto& named) const noexcept { return table->key_of(named).value; }
  };
  struct SameName {
    using is_transparent = void;
    const Table* table;
    bool operator()(SlotId a, SlotId b) const noexcept { return a == b; }
    bool operator()(const Name& name, SlotId id) const noexcept {
      const auto other = table->name_of(id);
      return name.api == other.api && name.type == other.type && name.text == other.text;
    }
    bool operator()(NameKey key, SlotId id) const noexcept { return key.value == table->key_of(id).value; }
    bool operator()(SlotId id, const auto& named) const noexcept { return (*this)(named, id); }
  };

  static constexpr std::size_t chunk = 256;       // entries that are allocated at once
  std::vector<std::unique_ptr<Entry[]>> chunks_;  // an entry stays where it is
  std::size_t size_ = 0;
  std::vector<SlotId> free_;                          // slots that are not in use
  std::vector<std::pair<SlotId, SlotId>> retaining_;  // network, project
  boost::unordered_flat_set<SlotId, Hash, SameName> index_{0, Hash{this}, SameName{this}};
  boost::unordered_flat_map<contrail::Uuid, SlotId, std::hash<contrail::Uuid>> floating_ips_;
  UuidIndex uuids_;  // empty: not kept
  boost::unordered_flat_map<SlotId, SlotList> waiters_;
};

}  // namespace knm
