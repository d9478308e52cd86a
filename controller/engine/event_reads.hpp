#pragma once

#include <map>
#include <vector>

#include "controller/engine/audit_pace.hpp"
#include "controller/engine/deletion_guard.hpp"
#include "controller/engine/echoes.hpp"
#include "controller/engine/fights.hpp"
#include "controller/engine/request_builder.hpp"

namespace knm {

// Reads of objects about which an event and the table disagree, and what they find.
class EventReads {
 public:
  // All of them outlive it.
  EventReads(Table& table, Schedule& schedule, Fights& fights, DeletionGuard& guard, Echoes& echoes, AuditPace& pace)
      : table_(table), schedule_(schedule), fights_(fights), guard_(guard), echoes_(echoes), pace_(pace) {}

  // An event disagrees with the entry, in which no request is in flight. `uuid`: of the object in the event. Returns
  // whether the read is due now; else the difference is doubted (Echoes).
  bool differs(SlotId id, const contrail::Uuid& uuid, Time now);
  // Before each step of the entry: begins the read of an entry that is doubted no longer.
  void review(SlotId id, Time now);
  // Before and after an answer of the config API is applied.
  void before_answer(const InFlight& request);
  void after_answer(const InFlight& request, Time now);
  // An audit has answered reads that were due, too.
  void forget_answered();
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  // What an entry was before the read.
  struct Former {
    FieldDigests items;
    contrail::Uuid uuid;
    Ownership ownership = Ownership::unowned;
    bool existed = false;
  };
  Former former_of(SlotId id) const;
  void read(SlotId id);
  void compare(SlotId id, const Former& former, Time now);

  Table& table_;
  Schedule& schedule_;
  Fights& fights_;
  DeletionGuard& guard_;
  Echoes& echoes_;
  AuditPace& pace_;
  std::map<SlotId, Former> reads_;  // due or in flight
};

}  // namespace knm
