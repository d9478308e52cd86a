#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "controller/engine/audit.hpp"
#include "controller/engine/event_reads.hpp"

namespace knm {

// What an event of the config API came to.
enum class Notified : std::uint8_t {
  foreign,  // this cluster neither has nor needs the object
  known,    // it is as known: nothing is done. The echo of an own write is such an event
  awaited,  // a request is in flight, or a read or an echo is due anyway
  read,     // it differs: the object is read
  taken,    // a foreign object, believed
};
inline constexpr int notified_count = 5;
std::string_view name(Notified result);  // "known"

// Events of the config API: DESIGN.md, "Notifications of the config API". An event causes at most one read of its
// object, and no write by itself.
class Notifications {
 public:
  // All of them outlive it.
  Notifications(const Intent& intent, Table& table, Binder& binder, Schedule& schedule, ObservedState& observed,
                Audit& audit, Echoes& echoes, EventReads& reads);

  // The object exists, and had this content when the event was sent.
  Notified changed(const contrail::Object& object, Time now) { return count(judge_change(object, now)); }
  // The object did not exist when the event was sent.
  Notified deleted(contrail::Type type, const contrail::Uuid& uuid, Time now) {
    return count(judge_deletion(type, uuid, now));
  }

  // Events by result, since the start.
  using Counts = std::array<std::uint64_t, notified_count>;
  const Counts& counts() const { return counts_; }

 private:
  Notified count(Notified result);
  Notified judge_change(const contrail::Object& object, Time now);
  Notified judge_unknown(const contrail::Object& object, Time now);
  Notified judge_deletion(contrail::Type type, const contrail::Uuid& uuid, Time now);
  Notified differs(SlotId id, const contrail::Uuid& uuid, Time now);
  Notified await(SlotId id);
  bool concerns_us(SlotId id) const;
  bool is_named(contrail::Type type, std::string_view name) const;
  bool is_reservation(const contrail::Object& object) const;
  void believe_gone(SlotId id, Time now);

  const Intent& intent_;
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  ObservedState& observed_;
  Audit& audit_;
  Echoes& echoes_;
  EventReads& reads_;
  Counts counts_{};
};

}  // namespace knm
