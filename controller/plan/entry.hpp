#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "contrail-client/types.hpp"
#include "controller/base/packed_text.hpp"
#include "controller/base/rare.hpp"
#include "controller/base/small_list.hpp"
#include "controller/base/time.hpp"
#include "controller/model/identity.hpp"
#include "controller/plan/field_digests.hpp"

namespace knm {

using SlotId = std::uint32_t;
inline constexpr SlotId no_slot = ~SlotId{0};
using SlotList = SmallList<SlotId>;

// Where an entry is written: to the config API, to a Pod's annotation, or to a Service's status.
enum class TargetApi : std::uint8_t { config, pod_state, service_status };

// An entry that must be ready before this one is written. A soft dependency is waited for while it may still become
// ready, and left out of the body if it fails.
struct Dependency {
  SlotId slot : 31;
  bool soft : 1;
};

// Where the desired body comes from: bodies are rendered when they are sent and never kept.
// `unit` is owned by the Binder and lives as long as the entry is desired.
struct Source {
  std::uint8_t role = 0;
  std::uint32_t index = 0;  // among the objects of that role in the unit
  const PackedText* unit = nullptr;
};

// The key of the next read of an object with unknown state: its uuid; after a create that was refused with a
// 409 its uuid, then its name, then the uuid found under that name.
enum class Verify : std::uint8_t { none, by_uuid, duplicate_by_uuid, duplicate_by_name, duplicate_by_found_uuid };

// Why an owned object that is not desired is not deleted (docs/safety.md).
enum class DeletionHold : std::uint8_t {
  none,
  undecided,    // a running audit found it, and its end decides
  unconfirmed,  // one of many objects to be deleted, until a second list of the cluster confirms it
  unexplained,  // no rule explains its owner annotations; for `orphan-grace`
  guard,        // one of very many, until a person confirms the deletion
  occupied,     // a foreign object lies in it or refers to it; each audit checks again
  unreadable,   // it was made for a Kubernetes object that cannot be read now
};

inline constexpr int deletion_hold_count = 7;

std::string_view name(DeletionHold hold);  // "unexplained"

// An object's uuid, and the Kubernetes object that it was made for.
struct Ids {
  contrail::Uuid uuid;
  std::uint64_t identity = 0;  // digest of the UID in its owner annotations
  friend bool operator==(const Ids&, const Ids&) = default;
};

// Fields that few entries have at a time: every other entry pays one pointer for all of them.
struct ColdState {
  RareList<contrail::Rule> foreign_rules;           // of the observed object: written back as they are
  RareList<contrail::IpamReference> foreign_ipams;  // also written back as they are
  RareList<std::uint64_t> kept;                     // keys of items that the entry would lose, and that the guard keeps
  RareList<contrail::Rule> kept_rules;              // the rules among the kept items, written back as they are
  std::uint32_t addresses = 0;                      // in all desired rules; determines the length of a body
  RareList<SlotId> destinations;                    // of a policy: the networks that its rules lead to
  std::uint32_t attempts = 0;                       // failures in a row
  Time not_before{0};                               // no request earlier than that
  Time batch_until{0};                              // 0: no batch window is open
  PackedText error;                                 // message of the last failure; empty after a success
  Ids desired_ids;                                  // where they differ from the observed ones
  SlotId uuid_holder = no_slot;                     // the entry that was found with the uuid desired here
  SlotId address_holder = no_slot;                  // an owned entry that had the desired address when it was bound
  PackedText project;  // the Namespace of the last desire, if the name of the entry does not include it
  friend bool operator==(const ColdState&, const ColdState&) = default;
};

// What a read of a config object shows of its owner.
struct Provenance {
  Ids ids;
  Ownership ownership = Ownership::unowned;
  bool of_former_cluster = false;  // the owner annotations are those of a former cluster of the same name
  bool has_derived_uuid = true;    // the uuid is the one that the controller derives
};

// What a unit requests of a config object.
struct Desire {
  FieldDigests fields;
  Ids ids;
  std::vector<Dependency> dependencies;
  std::uint32_t addresses = 0;  // in all rules
  bool external = false;        // a network that the configuration names: only its references to owned policies count
};

// One config object by type and name, or one text in Kubernetes: what is desired, what is observed, and what is being
// done about the difference. An object of the same name that was made for an older UID is the same entry: it must be
// gone before its successor is made.
//
// State is private and changed by named transitions alone. Each ends in a state that is_consistent() describes (the
// table in DESIGN.md, "The states of an entry"), and builds with assertions check it; identify() and created() do so
// together with the Table::set_observed() that follows.
// There are five entries for each Pod, so that members are ordered and packed for size.
class Entry {
 public:
  // --- Which object
  TargetApi target_api() const { return target_api_; }
  contrail::Type type() const { return type_; }
  // "ns/name" of a text in Kubernetes.
  const PackedText& name() const { return name_; }
  // Shares the memory of an equal text.
  void share_name(const PackedText& text) { name_.share(text); }

  // --- Desired
  bool is_desired() const { return desired_now_; }
  const Source& source() const { return source_; }
  const FieldDigests& desired() const { return desired_; }
  const SmallList<Dependency>& dependencies() const { return dependencies_; }
  const Ids& desired_ids() const { return cold_->desired_ids == Ids{} ? ids_ : cold_->desired_ids; }
  bool is_external() const { return external_; }    // see Desire::external
  bool is_shared() const { return shared_; }        // several clusters use it: its owner annotations name each cluster
  bool is_adoptable() const { return adoptable_; }  // an unowned object of this name gets owner annotations
  SlotId reserved_by() const { return reserved_by_; }  // another entry that it blocks

  // Makes the object desired for `source`. Ends a deletion hold. Returns whether its next step may have changed.
  bool want(const Source& source, Desire desire);
  // Makes a text in Kubernetes desired. Returns whether the text changed.
  bool want_text(const Source& source, FieldDigests text, std::vector<Dependency> dependencies);
  // Adds `in` and removes `out` from the desired items; `addresses` is the change of the number of addresses in rules.
  void change_desired(const FieldDigests& in, std::vector<std::uint64_t> out, std::int64_t addresses);
  // The same for one soft reference to the entry `slot`.
  void want_reference(const FieldDigest& reference, SlotId slot);
  void drop_reference(const FieldDigest& reference, SlotId slot);
  // The entry is no longer desired. `project`: the Namespace that desired it, if the name of the entry does not include
  // it.
  void release(const PackedText& project);
  void lead_to(std::vector<SlotId> networks) { cold_.set(&ColdState::destinations, std::move(networks)); }
  void set_sharing(bool shared, bool adoptable);
  void reserve_for(SlotId slot) { reserved_by_ = slot; }
  void expect_address_of(SlotId holder) { cold_.set(&ColdState::address_holder, holder); }
  void expect_uuid_of(SlotId holder) { cold_.set(&ColdState::uuid_holder, holder); }

  // --- Observed
  bool exists() const { return exists_; }
  const FieldDigests& observed() const { return observed_; }
  // The uuid of the observed object, or of the object that is looked up.
  const contrail::Uuid& uuid() const { return ids_.uuid; }
  std::uint64_t identity() const { return ids_.identity; }
  Ownership ownership() const { return ownership_; }
  bool is_adopted() const { return adopted_; }  // owned, with a uuid that the controller did not derive
  bool is_of_former_cluster() const { return of_former_cluster_; }
  bool is_retained() const { return retained_; }            // owned, and kept after its last Service (Table::retain)
  const SlotList& blocks() const { return blocks_; }        // entries whose deletion it blocks, sorted
  std::uint32_t dependents() const { return dependents_; }  // how many existing entries block its deletion
  std::uint32_t address_dependents() const { return address_dependents_; }  // of these, instance-ips
  // When the server last confirmed its state, by an answer or an audit: an older read does not undo it. Counted by
  // Engine::write_mark(); for a text in Kubernetes, the resourceVersion of its object.
  std::uint64_t confirmed_at() const { return confirmed_at_; }

  // A read found the object; called before Table::set_observed().
  void identify(const Provenance& provenance);
  // A create succeeded, with these ids.
  void created(const Ids& ids);
  // Owner annotations of this cluster were written for this Kubernetes object. `derived`: the uuid that a create would
  // have used.
  void owned(std::uint64_t identity, const contrail::Uuid& derived);
  // The owner annotations name this cluster now; nothing else changed.
  void signed_over() { of_former_cluster_ = false; }
  void look_for(const contrail::Uuid& uuid) { set_ids({uuid, ids_.identity}); }
  void confirm(std::uint64_t at) { confirmed_at_ = at; }
  void observe_item(const FieldDigest& item) { observed_.set(item); }
  void set_foreign_rules(std::vector<contrail::Rule> rules);
  void set_foreign_ipams(std::vector<contrail::IpamReference> ipams);
  // The observed state of a text in Kubernetes. Returns whether it changed.
  bool observe_text(FieldDigests text);
  void identify_text(std::uint64_t identity);

  // --- The deletion of an object
  DeletionHold deletion_hold() const { return deletion_hold_; }
  bool is_held() const { return deletion_hold_ != DeletionHold::none; }
  bool dependents_are_listed() const { return dependents_listed_; }  // and none of the dependents is foreign
  bool deletion_was_refused() const { return deletion_refused_; }    // with a 409; what blocks it is not known
  void hold(DeletionHold why);
  void end_hold();
  void list_dependents_again() { dependents_listed_ = false; }
  void dependents_listed();
  void deletion_refused();
  void keep_items(std::vector<std::uint64_t> keys);  // sorted
  void keep_rules(std::vector<contrail::Rule> rules);

  // --- Work
  bool is_queued() const { return queued_; }
  bool is_in_flight() const { return in_flight_; }
  Verify verification() const { return verify_; }
  bool must_verify() const { return verify_ != Verify::none; }
  bool is_duplicate() const { return verify_ >= Verify::duplicate_by_uuid; }  // a create was refused with a 409
  bool is_in_conflict() const { return conflict_; }  // a foreign object has its name or uuid, and that was reported
  bool gives_way() const { return gives_way_; }      // its references to replaced entries are removed first
  const ColdState& cold() const { return cold_.get(); }
  bool has_cold_state() const { return !cold_.empty(); }

  void queued() { queued_ = true; }
  void dequeued() { queued_ = false; }
  void sent();
  void answered();
  void verify(Verify by);
  void verified() { verify_ = Verify::none; }
  void conflict_began();
  void conflict_ended() { conflict_ = false; }
  void give_way();
  void keep_place() { gives_way_ = false; }
  void succeeded();
  // Counts a failure. Returns the number of failures in a row, including this one.
  std::uint32_t failed(std::string_view error, Time not_before);
  // Counts a failure as at least `attempts` failures in a row.
  void failed_often(std::uint32_t attempts, std::string_view error, Time not_before);
  void retry_at(Time time) { cold_.set(&ColdState::not_before, time); }
  void forget_failures();
  void forget_error() { cold_.take(&ColdState::error); }
  void open_batch(Time until);
  void close_batch() { cold_.set(&ColdState::batch_until, Time{0}); }

  // Whether the state of the entry is one of those in DESIGN.md.
  bool is_consistent() const;

 private:
  friend class Table;

  void check() const;
  void set_ids(const Ids& ids);
  void want_ids(const Ids& ids);
  void gone();

  PackedText name_;
  Source source_;
  FieldDigests desired_;
  SmallList<Dependency> dependencies_;
  FieldDigests observed_;
  SlotList blocks_;
  std::uint32_t dependents_ = 0;
  std::uint32_t address_dependents_ = 0;
  std::uint64_t confirmed_at_ = 0;
  Rare<ColdState> cold_;
  Ids ids_;  // desired and observed ids, if both are the same
  SlotId reserved_by_ = no_slot;
  // Four bytes, in this order: no group of bits may cross a byte.
  TargetApi target_api_ : 2 = TargetApi::config;
  contrail::Type type_ : 6 = contrail::Type::project;
  Ownership ownership_ : 3 = Ownership::unowned;
  Verify verify_ : 3 = Verify::none;
  bool desired_now_ : 1 = false;
  bool exists_ : 1 = false;
  DeletionHold deletion_hold_ : 3 = DeletionHold::none;
  bool retained_ : 1 = false;
  bool adoptable_ : 1 = true;
  bool shared_ : 1 = false;
  bool external_ : 1 = false;
  bool adopted_ : 1 = false;
  bool of_former_cluster_ : 1 = false;
  bool dependents_listed_ : 1 = false;
  bool deletion_refused_ : 1 = false;
  bool queued_ : 1 = false;
  bool in_flight_ : 1 = false;
  bool conflict_ : 1 = false;
  bool gives_way_ : 1 = false;
};

static_assert(deletion_hold_count <= 1 << 3, "Entry::deletion_hold_ has three bits");
static_assert(sizeof(Entry) <= 128, "a cluster of 50,000 Pods has 300,000 entries");

}  // namespace knm
