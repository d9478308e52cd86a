#pragma once

#include <string>

#include "controller/engine/observed_state.hpp"
#include "controller/engine/request_builder.hpp"

namespace knm {

// Applies an answer of the config API to an entry: what is observed now, or what is tried next.
class AnswerHandler {
 public:
  // All of them outlive it.
  AnswerHandler(Intent& intent, Table& table, Binder& binder, Schedule& schedule, Pacing& pacing, ProblemNotes& notes,
                DeletionHolds& holds, Rebinder& rebinder, ObservedState& observed, const Reports& reports);

  void handle(const InFlight& request, const ConfigAnswer& answer, Time now);

 private:
  void written(SlotId id, const InFlight& request, Time now);
  void refused(SlotId id, const InFlight& request, const ConfigAnswer& answer, Time now);
  void verified(SlotId id, const InFlight& request, const ConfigAnswer& answer, Time now);
  void dependents_listed(SlotId id, const ConfigAnswer& answer, Time now);
  void not_found(SlotId id, Time now);
  void doubt_dependencies(SlotId id);
  void fail(SlotId id, const std::string& error, Time now) { schedule_.fail(id, error, now); }

  Intent& intent_;
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  Pacing& pacing_;
  ProblemNotes& notes_;
  DeletionHolds& holds_;
  Rebinder& rebinder_;
  ObservedState& observed_;
  const Reports& reports_;
};

}  // namespace knm
