#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/backoff.hpp"

// When to ask the config API for its notifications: a pure state machine, without I/O, clock or randomness of its own.
//
//   start ──► connecting ── Opened ──► listing ── Completed ──► following
//                 ▲  │                    │                        │
//                 │  └───────────────── Ended ─────────────────────┘
//                 │                       │
//                 └──── Waited ──── pausing, refused, not_offered ◄┘
namespace contrail::watch {

enum class Phase : std::uint8_t {
  connecting,
  listing,      // the lists are being read
  following,    // what is known is fresh
  pausing,      // after a failure
  refused,      // a pause after 401 or 403
  not_offered,  // a long pause: the server is older, or its notifications are switched off
};
std::string_view name(Phase phase);  // "not offered"

enum class Trouble : std::uint8_t {
  not_offered,  // 400, 404, 405 or 501
  refused,      // 401, 403
  broken,       // no connection, a connection that was cut, 429, 5xx, silence, a `stop`, content that cannot be trusted
};
Trouble trouble_of(int status);

struct MachineSettings {
  base::BackoffPolicy backoff{};                    // after a failure
  std::chrono::milliseconds steady{60'000};         // a stream that followed for so long ends a series of failures
  std::chrono::milliseconds refused_pause{60'000};  // rights and logins are changed by people
  std::chrono::milliseconds offer_pause{600'000};   // servers are upgraded rarely
  // All lists cost the server much. After a stream that was not steady, the pause is so many times as long as its lists
  // took, but not longer than `longest_list_pause`.
  int list_factor = 20;
  std::chrono::milliseconds longest_list_pause{600'000};
};

struct ConnectCommand {
  friend bool operator==(const ConnectCommand&, const ConnectCommand&) = default;
};
struct WaitCommand {
  std::chrono::milliseconds time{};
  friend bool operator==(const WaitCommand&, const WaitCommand&) = default;
};
using Command = std::variant<ConnectCommand, WaitCommand>;

struct OpenedInput {};     // the server has accepted the request
struct CompletedInput {};  // all lists are complete
struct EndedInput {        // the request or its stream
  Trouble trouble = Trouble::broken;
  std::chrono::milliseconds followed{0};  // how long the stream was complete
  std::chrono::milliseconds listed{0};    // how long its lists took, complete or not
};
struct WaitedInput {};  // the wait is over, also before its time
using Input = std::variant<OpenedInput, CompletedInput, EndedInput, WaitedInput>;

class Machine {
 public:
  explicit Machine(MachineSettings settings = {}) : settings_(settings), backoff_(settings.backoff) {}

  Phase phase() const { return phase_; }
  // The command of the present phase. While the stream is read, it is that which began it.
  const Command& command() const { return command_; }
  int failures() const { return failures_; }  // in a row

  // `random` in [0, 1) determines the jitter. An input that does not fit the phase changes nothing.
  void step(const Input& input, double random);

 private:
  void ended(const EndedInput& input, double random);
  std::chrono::milliseconds pause_after(const EndedInput& input, bool steady, double random);

  MachineSettings settings_;
  base::Backoff backoff_;
  Phase phase_ = Phase::connecting;
  Command command_ = ConnectCommand{};
  int failures_ = 0;
};

}  // namespace contrail::watch
