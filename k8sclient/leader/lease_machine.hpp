#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "k8sclient/api/event.hpp"
#include "k8sclient/leader/lease.hpp"

// The election of one leader among several instances, as a pure state machine: no I/O, no clock, no randomness of its
// own.
//
//   start ──► read ──► held by another instance: wait ──► read
//              │ ▲
//              │ └── (wait) ◄── failed, or perhaps carried out ──┐
//              ▼                                                 │
//              free, expired, ours or deleted ──► create or update ──► done: leader ──► wait ──► update …
//
// Only the local steady clock counts. A lease expires if this instance has not seen it change for the duration in it;
// the times in the lease are written, and never compared with a clock. The leader stops earlier (renew_deadline) than
// the others may follow (duration), counted from a moment before its last successful write was sent.
//
// There is no fencing: a request that the former leader sent in time may still be carried out later.
// Sources: https://kubernetes.io/docs/concepts/architecture/leases/ and the comments of
// https://pkg.go.dev/k8s.io/client-go/tools/leaderelection, whose rules and defaults these are.
namespace k8s {

struct LeaseSettings {
  std::string identity;                              // of this instance; no other process has the same one at a time
  std::chrono::milliseconds duration{15'000};        // others wait this long after the last renewal that they saw
  std::chrono::milliseconds renew_deadline{10'000};  // the leader stops this long after its last successful renewal
  std::chrono::milliseconds retry_period{2'000};     // between two attempts; up to lease_jitter times as long
  std::chrono::milliseconds request_timeout{4'000};  // of one request for the lease
};
inline constexpr double lease_jitter = 1.2;

// Checks that: duration > renew_deadline > lease_jitter * retry_period, and request_timeout < duration -
// renew_deadline. Error (errc::bad_config): one sentence that names both values.
base::Result<void> check(const LeaseSettings& settings);

// The next action of the caller.
struct ReadLease {
  friend bool operator==(const ReadLease&, const ReadLease&) = default;
};
struct CreateLease {
  LeaseSpec spec;
  friend bool operator==(const CreateLease&, const CreateLease&) = default;
};
struct UpdateLease {
  Lease lease;  // with the version that must still be the present one
  friend bool operator==(const UpdateLease&, const UpdateLease&) = default;
};
struct WaitUntil {
  base::Clock::time_point time;
  friend bool operator==(const WaitUntil&, const WaitUntil&) = default;
};
struct LeaseGivenUp {  // nothing is left to do, after ReleaseAsked
  friend bool operator==(const LeaseGivenUp&, const LeaseGivenUp&) = default;
};
using LeaseCommand = std::variant<ReadLease, CreateLease, UpdateLease, WaitUntil, LeaseGivenUp>;

// The outcome of an action. Nothing is believed of a write that is not known to be done: the lease is read again.
struct LeaseRead {
  Lease lease;
};
struct LeaseMissing {};  // there is no such object
struct ReadFailed {};
struct LeaseWritten {
  std::uint64_t resource_version = 0;
};
enum class LeaseWriteFailure : std::uint8_t {
  conflict,  // the object has another version, or exists already
  failed,    // not carried out
  unknown,   // perhaps carried out
};
struct LeaseWaited {};
struct ReleaseAsked {};  // this instance stops; a command that was not finished may have been carried out
using LeaseInput =
    std::variant<LeaseRead, LeaseMissing, ReadFailed, LeaseWritten, LeaseWriteFailure, LeaseWaited, ReleaseAsked>;

// The time of a step: `now` decides, `wall` is only written into the lease.
struct LeaseTime {
  base::Clock::time_point now;
  WallTime wall;
};

class LeaseMachine {
 public:
  using Time = base::Clock::time_point;

  // check() must accept the settings.
  explicit LeaseMachine(LeaseSettings settings) : settings_(std::move(settings)) {}

  // The command of the present state; stays the same until the next step().
  const LeaseCommand& command() const { return command_; }

  // Applies the outcome of the command; `random` in [0, 1) determines the jitter. A step begins or ends a term of
  // leadership, or neither, but never both.
  void step(const LeaseInput& input, LeaseTime time, double random);

  // The end of the present term, unless a renewal extends it; nullopt: this instance is not the leader.
  std::optional<Time> leader_until() const { return leader_until_; }
  // To be asked before each action that only the leader may take.
  bool is_leader(Time now) const { return leader_until_ && now < *leader_until_; }

  // The lease as last read or written; nullopt: never.
  const std::optional<Lease>& lease() const { return lease_; }

 private:
  void on_read(const Lease& lease, LeaseTime time, double random);
  void on_missing(LeaseTime time, double random);
  void on_written(std::uint64_t version, LeaseTime time, bool term_ended, double random);
  void on_failure(Time now, double random);
  void on_release(LeaseTime time);

  bool is_ours() const { return lease_ && !absent_ && lease_->spec.holder == settings_.identity; }
  bool is_expired(Time now, std::chrono::milliseconds duration) const { return now - changed_at_ >= duration; }
  void write(LeaseSpec spec, Time now);
  LeaseSpec claim(WallTime wall) const;
  LeaseSpec release(WallTime wall) const;
  void pause(Time now, double random);

  LeaseSettings settings_;
  LeaseCommand command_ = ReadLease{};
  std::optional<Lease> lease_;
  bool absent_ = false;  // the object that `lease_` shows is deleted
  Time changed_at_{};    // when this instance saw `lease_` or `absent_` change
  Time write_began_{};   // the present or last write
  std::optional<Time> leader_until_;
  bool unsure_ = false;  // a write may have been carried out that `lease_` does not show
  int failures_ = 0;     // since the last successful write
  bool releasing_ = false;
};

}  // namespace k8s
