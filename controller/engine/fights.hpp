#pragma once

#include <string>

#include "controller/engine/pacing.hpp"
#include "controller/engine/problem_notes.hpp"
#include "controller/engine/schedule.hpp"

namespace knm {

// Drift: changes and deletions by other clients. In a fight, repairs are sent at growing intervals, and the Kubernetes
// object has a problem that names the other client.
class Fights {
 public:
  // All of them outlive it.
  Fights(const Table& table, const Binder& binder, Pacing& pacing, Schedule& schedule, ProblemNotes& notes,
         const Reports& reports);

  // `text`: which fields differ.
  void report_drift(SlotId id, Drift drift, std::string text, Time now);
  // An answer shows the last other writer; `writer` is empty if unknown.
  void note_writer(SlotId id, const std::string& writer, Time now);
  // Ends the problem after a quiet time.
  void review(SlotId id, Time now);
  bool is_often(SlotId id, Time now) const;
  // The number of entries with a fight.
  std::size_t count(Time now) const { return pacing_.fights().often(now); }

 private:
  const Table& table_;
  const Binder& binder_;
  Pacing& pacing_;
  Schedule& schedule_;
  ProblemNotes& notes_;
  const Reports& reports_;
};

}  // namespace knm
