#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "contrail-client/types.hpp"
#include "controller/base/packed_text.hpp"
#include "controller/base/rare.hpp"
#include "controller/base/small_list.hpp"
#include "controller/base/time.hpp"
#include "controller/model/identity.hpp"
#include "controller/plan/atoms.hpp"

namespace knm {

using SlotId = std::uint32_t;
inline constexpr SlotId no_slot = ~SlotId{0};
using SlotList = SmallList<SlotId>;

// What an entry stands for: a config object, or something that we write to Kubernetes.
enum class Home : std::uint8_t { config, pod_state, service_status };

// Something that must be there before an object is written. A soft one is waited for while it comes, and left out of
// the body if it fails.
struct Dependency {
  SlotId slot : 31;
  bool soft : 1;
};

// Where the wanted body comes from when it is needed: bodies are rendered when they are sent, never kept.
// `unit` is owned by the Binder and lives as long as the entry is wanted.
struct Source {
  std::uint8_t role = 0;
  std::uint32_t index = 0;  // which of several of that role
  const PackedText* unit = nullptr;
};

// The outcome of a write is not known: what is there is looked up before the next one, by uuid, then (after a 409) by
// name, then by the uuid found under that name.
enum class Look : std::uint8_t { none, by_uuid, by_name, by_found_uuid };

// An object's uuid, and whose it is.
struct Ids {
  contrail::Uuid uuid;
  std::uint64_t identity = 0;  // digest of the UID in its mark
  friend bool operator==(const Ids&, const Ids&) = default;
};

// What few entries have at a time, kept aside so that the others pay a pointer for it.
struct ColdState {
  RareList<contrail::Rule> foreign_rules;           // of what is there: written back as they are
  RareList<contrail::IpamReference> foreign_ipams;  // likewise
  RareList<std::uint64_t> kept;                     // keys of entries that it would lose, and that the guard keeps
  RareList<contrail::Rule> kept_rules;              // those of them that are rules, written back as they are
  std::uint32_t addresses = 0;                      // of all its rules: a body is as long as these are many
  std::uint32_t attempts = 0;                       // failures in a row
  Time not_before{0};                               // no request earlier than that
  Time batch_until{0};                              // 0: no window is open
  PackedText error;                                 // of the last failure, for people; empty while all is well
  Ids wanted_ids;                                   // where they are not those of what is there
  SlotId uuid_holder = no_slot;                     // what was found with the uuid that was to be its own
  SlotId address_holder = no_slot;                  // another one of ours that had its address when it was asked for
  PackedText project;  // the Namespace that wanted it, of what is to go and whose name does not say so
  friend bool operator==(const ColdState&, const ColdState&) = default;
};

// Why something of ours that is not wanted is not deleted.
enum class Hold : std::uint8_t {
  none,
  undecided,    // a running audit brought it; its end says whether it may go
  unconfirmed,  // it is one of many that nothing wants; until a second list of the cluster says so
  unexplained,  // no rule explains its mark; for the grace time
  guard,        // it is one of very many; until a person says so
  occupied,     // something that is not ours hangs on it; audits look again
  unreadable,   // it was made for a Kubernetes object that cannot be read now
};

std::string_view name(Hold hold);  // "unexplained"

// One config object, by type and name, whether it is wanted, there, or both; and how far we are with it.
// A predecessor of the same name (an older UID) is the same entry: it must be gone before the successor is made.
// There are five for each Pod, so members are ordered and packed for size.
struct Entry {
  PackedText name;  // "ns/name" for what we write to Kubernetes

  // What is wanted.
  Source source;
  Atoms desired;
  SmallList<Dependency> dependencies;

  // What is there, as far as we know.
  Atoms observed;
  SlotList holds;                        // entries that it keeps from being deleted: parent, references, reserved_by
  std::uint32_t dependents = 0;          // how many existing entries hold this one
  std::uint32_t address_dependents = 0;  // of these, instance-ips
  // When the server's last word of it came, be it an answer to a write of ours or an audit: an older reading does not
  // undo it. Counted by Engine::write_mark(); of a Pod's annotation, the Pod's resourceVersion.
  std::uint64_t told = 0;

  Rare<ColdState> cold;

  SlotId reserved_by = no_slot;  // an entry that must outlive this one besides those that it refers to
  Home home : 2 = Home::config;
  contrail::Type type : 6 = contrail::Type::project;
  Ownership ownership : 4 = Ownership::unmarked;
  Look look : 4 = Look::none;
  bool wanted : 1 = false;
  bool exists : 1 = false;
  bool stays : 1 = false;        // it is ours, and kept whatever becomes of its Kubernetes object (Table::outlive)
  bool adoptable : 1 = true;     // one that is there unmarked is taken over; otherwise it is used as it is
  bool shared : 1 = false;       // used by several clusters: its mark names no single owner
  bool borrowed : 1 = false;     // a network that is there without us: ours are its references to our policies alone
  bool adopted : 1 = false;      // ours, but its uuid is not the one that we derive: somebody else made it
  bool former : 1 = false;       // its mark is that of a former cluster of our name, which was taken over
  bool looked_into : 1 = false;  // read since it was last seen: nothing that is not ours hangs on it
  bool is_clung_to : 1 = false;  // the server refused to delete it, for something that we do not know of
  Hold hold : 3 = Hold::none;
  // How far we are.
  bool queued : 1 = false;
  bool in_flight : 1 = false;
  bool name_taken : 1 = false;       // a create was refused by 409, and what is there is still to be found out
  bool conflict : 1 = false;         // somebody else's object is in the way
  bool asked_to_let_go : 1 = false;  // one that it refers to has to make room for its successor

  // Of what is there or looked for, as far as we know.
  const contrail::Uuid& uuid() const { return ids_.uuid; }
  std::uint64_t identity() const { return ids_.identity; }
  // Of what is wanted.
  const Ids& wanted_ids() const { return cold->wanted_ids == Ids{} ? ids_ : cold->wanted_ids; }

  void set_ids(const Ids& ids);
  void set_uuid(const contrail::Uuid& uuid) { set_ids({uuid, ids_.identity}); }
  void want_ids(const Ids& ids);

 private:
  Ids ids_;  // of both, where they are the same
};

// All entries, by slot and by name. Slots of entries that are neither wanted nor there are used again.
class Table {
 public:
  Table() = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // The slot of a name, made where there is none.
  SlotId slot(Home home, contrail::Type type, std::string_view name);
  SlotId slot(contrail::Type type, std::string_view name) { return slot(Home::config, type, name); }
  SlotId find(contrail::Type type, std::string_view name) const;  // no_slot where there is none
  // The entry that a reference atom points to; no_slot where it is none of ours.
  SlotId target(const Atom& reference) const;

  // The floating IP that exists with this uuid; no_slot where there is none. A Service's address keeps its uuid when it
  // changes its name.
  SlotId floating_ip(const contrail::Uuid& uuid) const;

  Entry& operator[](SlotId id) { return chunks_[id / chunk][id % chunk]; }
  const Entry& operator[](SlotId id) const { return chunks_[id / chunk][id % chunk]; }
  std::size_t size() const { return size_; }
  // How many of them stand for something.
  std::size_t in_use() const { return size_ - free_.size(); }

  // This network, once it is there and ours, stays whatever becomes of its Kubernetes object, and so does the project
  // that it lies in. By configuration; before anything is loaded.
  void outlive(SlotId network, SlotId project);

  // An entry that is to be asked again when another one becomes ready, fails or goes.
  void wait_for(SlotId id, SlotId waiter);
  SlotList take_waiters(SlotId id);

  // Frees the slots of entries that are neither wanted nor there and that nobody speaks of: neither another entry nor
  // whoever keeps a slot outside, which `needed` says by slot. An entry that was written to since `since` stays, so
  // that a running audit's older reading finds it. Costs as much as the table is long.
  void free_unused(std::vector<bool> needed, std::uint64_t since);

  // Wants one reference more, or one less, in a wanted entry that may be made without it. Whether that changed
  // anything.
  bool want_reference(SlotId id, contrail::Field field, std::string_view target_name, bool wanted);

  // Sets what is there; keeps the counts of whom it holds. `atoms` of an object that is gone are empty. Returns those
  // that it held and does not hold any longer.
  SlotList set_observed(SlotId id, bool exists, Atoms atoms);

 private:
  bool holds_anyway(const Entry& entry, SlotId id) const;
  SlotList all_held(const Entry& entry, const Atoms& atoms) const;
  SlotList move_holds(Entry& entry, const Atoms& atoms);
  SlotList replace_holds(Entry& entry, SlotList holds);
  void note_floating_ip(SlotId id, bool exists);
  void note_staying(SlotId id);
  void hold(const Entry& holder, SlotId id, int step);

  // Looks up by a name, or by the hash of one where an atom has no more of it, and keeps nothing of it but the slot.
  struct Name {
    Home home;
    contrail::Type type;
    std::string_view text;
  };
  struct NameKey {
    std::uint64_t value;
  };
  static NameKey key_of(const Name& name);
  static NameKey key_of(NameKey key) { return key; }
  NameKey key_of(SlotId id) const { return key_of(name_of(id)); }
  Name name_of(SlotId id) const { return {(*this)[id].home, (*this)[id].type, (*this)[id].name}; }
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
      return name.home == other.home && name.type == other.type && name.text == other.text;
    }
    bool operator()(NameKey key, SlotId id) const noexcept { return key.value == table->key_of(id).value; }
    bool operator()(SlotId id, const auto& named) const noexcept { return (*this)(named, id); }
  };

  static constexpr std::size_t chunk = 256;       // entries that are allocated at once
  std::vector<std::unique_ptr<Entry[]>> chunks_;  // an entry stays where it is
  std::size_t size_ = 0;
  std::vector<SlotId> free_;                          // slots that stand for nothing
  std::vector<std::pair<SlotId, SlotId>> outliving_;  // network, project
  boost::unordered_flat_set<SlotId, Hash, SameName> index_{0, Hash{this}, SameName{this}};
  boost::unordered_flat_map<contrail::Uuid, SlotId, std::hash<contrail::Uuid>> floating_ips_;
  boost::unordered_flat_map<SlotId, SlotList> waiters_;
};

}  // namespace knm
