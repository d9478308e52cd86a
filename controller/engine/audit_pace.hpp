#pragma once

#include <cstdint>
#include <utility>

namespace knm {

// How often the config API is audited: as configured, or more rarely while its notifications arrive and miss nothing.
class AuditPace {
 public:
  // `factor`: how many times longer the pause is while notifications arrive (`watched-audit-factor`).
  explicit AuditPace(std::int64_t factor) : factor_(factor) {}

  // The inventory of a stream is complete, and its events follow; or it is lost.
  void watch_completed() {
    alive_ = true;
    ++streams_;
  }
  void watch_lost() { alive_ = false; }
  // A stream is complete and not lost.
  bool is_alive() const { return alive_; }
  std::uint64_t streams() const { return streams_; }

  // Only an audit can decide something that an event has shown; until the next audit begins.
  void want_audit() { wanted_ = true; }
  bool wants_audit() const { return wanted_; }
  void audit_begins() { wanted_ = false; }
  // An audit has ended, and found that many differences that no event had shown. After any, as many audits as fit into
  // one rare pause must find none.
  void audited(std::uint64_t found) {
    if (!alive_) return;
    missed_ += found;
    if (found > 0)
      distrust_ = factor_;
    else if (distrust_ > 0)
      --distrust_;
  }
  std::uint64_t missed() const { return missed_; }
  // By how much the pause between two audits is multiplied.
  std::int64_t factor() const { return alive_ && distrust_ == 0 ? factor_ : 1; }

 private:
  std::int64_t factor_;
  std::int64_t distrust_ = 0;  // audits at the usual interval that are still due
  std::uint64_t missed_ = 0, streams_ = 0;
  bool alive_ = false;
  bool wanted_ = false;
};

}  // namespace knm
