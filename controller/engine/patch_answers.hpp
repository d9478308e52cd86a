#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "controller/engine/rebinder.hpp"
#include "controller/engine/request_builder.hpp"

namespace knm {

// Applies an answer of the API server to a patch of a Pod annotation or a Service status.
class PatchAnswers {
 public:
  // All of them outlive it.
  PatchAnswers(const Intent& intent, Table& table, Binder& binder, Schedule& schedule, ProblemNotes& notes,
               Fights& fights, NetworkWaits& waits, Rebinder& rebinder, const Reports& reports);

  void handle(const InFlight& request, const PatchAnswer& answer, Time now);
  // Why the API server refuses all patches of a kind; empty: it does not.
  const std::string& refused(TargetApi api) const { return outages_[static_cast<std::size_t>(api)].why; }

 private:
  struct Outage {
    std::string why;
    Time reported_at{0};
  };
  void count(TargetApi api, SlotId id, const PatchAnswer& answer, Time now);
  bool is_same_object(const Entry& entry, const std::string& uid) const;

  const Intent& intent_;
  Table& table_;
  Binder& binder_;
  Schedule& schedule_;
  ProblemNotes& notes_;
  Fights& fights_;
  NetworkWaits& waits_;
  Rebinder& rebinder_;
  const Reports& reports_;
  std::array<Outage, 3> outages_;  // by TargetApi
};

// Finds patches that were lost although they were answered with success: a list, or the watches until the next audit,
// do not show them.
class PatchAudit {
 public:
  // All of them outlive it.
  PatchAudit(const Intent& intent, Table& table, Rebinder& rebinder)
      : intent_(intent), table_(table), rebinder_(rebinder) {}

  // The versions of all patches so far compare with no later ones: etcd was restored from a backup. What the next list
  // shows counts.
  void restored(TargetApi api);
  // A complete list shows the objects as of this version. It may be older than the version of a patch.
  void listed(TargetApi api, std::uint64_t resource_version);
  // Sends patches again that are older than a list, and that no watch has shown.
  void repeat_undone(Time now);
  // Sends patches again that no watch has shown between two audits.
  void repeat_unseen(Time now);
  // Sets the slots that it keeps.
  void mark_needed(std::vector<bool>& slots) const;

 private:
  const Intent& intent_;
  Table& table_;
  Rebinder& rebinder_;
  std::vector<SlotId> undone_;
  std::map<SlotId, std::uint64_t> unseen_;  // Entry::confirmed_at() as of the last audit
};

}  // namespace knm
