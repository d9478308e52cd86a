#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/config-api/server/classify.hpp"

namespace standin {

/// What can befall a request, at most one of them.
enum class Fault : std::uint8_t {
  refuse,        ///< an answer of some other status (401, 403, 429, 503), not executed
  error_before,  ///< 500, not executed
  reset_before,  ///< connection reset, not executed
  stall_before,  ///< no answer, not executed
  error_after,   ///< 500, though executed
  reset_after,   ///< connection reset, though executed
  stall_after,   ///< no answer, though executed
  half_answer,   ///< executed, the answer is cut in its middle and the connection closed
  // Of events. One event may be hit by each of them, in this order.
  event_loss,    ///< not sent
  event_double,  ///< sent twice
  event_late,    ///< sent later than those after it; of a doubled one the second
};
constexpr std::size_t kFaultCount = 11;
constexpr std::size_t kRequestFaultCount = 8;

/// "error-before", as flags, settings and counters have it.
std::string_view name_of(Fault fault);

/// Whether the request is executed all the same.
constexpr bool is_executed(Fault fault) { return fault >= Fault::error_after; }

/// Whom a fault hits, and how often.
struct FaultRule {
  double probability = 0;    ///< of each request that it may hit
  std::uint64_t next = 0;    ///< so many of the next ones, for certain
  std::string only = "all";  ///< "all", "writes" or "reads"
  std::string type;          ///< a type or action; empty: any
  int status = 500;          ///< of the answer, where the fault is one
  int retry_after = 0;       ///< seconds; 0: no Retry-After header
};

/// Decides what befalls each request. Pure: no clock, its own seeded randomness. The same requests in the same order
/// meet the same faults.
class Faults {
 public:
  /// Changes the settings named in a JSON object (README.md lists them). @return what is wrong with it, nothing is
  /// changed then
  std::optional<std::string> change(const nlohmann::json& settings);
  /// All settings, as change() takes them.
  [[nodiscard]] nlohmann::json settings() const;
  /// No faults, no latency; counters stay.
  void clear();

  /// To be called once for each request.
  std::optional<Fault> decide(const Kind& kind);
  /// To be called once for each event of each stream. @return how long after its write the event is sent; none: it is
  /// lost
  std::vector<std::chrono::microseconds> decide_event(const std::string& type);
  /// How long this request takes, in milliseconds; to be called once for each request.
  double take_latency();
  /// What the next request's will be.
  [[nodiscard]] double latency_now_ms() const;

  [[nodiscard]] const FaultRule& rule(Fault fault) const { return rules_[static_cast<std::size_t>(fault)]; }
  [[nodiscard]] bool serial() const { return serial_; }
  [[nodiscard]] double stall_ms() const { return stall_ms_; }
  [[nodiscard]] bool watch_silent() const { return watch_silent_; }
  [[nodiscard]] bool watch_without_lists() const { return watch_without_lists_; }
  [[nodiscard]] std::chrono::microseconds watch_keepalive() const;
  /// A write was executed: one less until the server freezes.
  void count_write();
  [[nodiscard]] bool freeze_due() const { return freeze_after_writes_ == 0U; }
  void never_freeze() { freeze_after_writes_.reset(); }

  /// {"error-before": 3, ...}, zeroes included.
  [[nodiscard]] nlohmann::json counters() const;
  void reset_counters() { counters_.fill(0); }

 private:
  std::optional<std::string> change_one(const std::string& name, const nlohmann::json& value);
  double next_random();
  bool hits(Fault fault, const Kind& kind);

  std::array<FaultRule, kFaultCount> rules_ = default_rules();
  static std::array<FaultRule, kFaultCount> default_rules();
  std::array<std::uint64_t, kFaultCount> counters_{};
  std::uint64_t random_state_ = 1;
  double latency_ms_ = 0;
  double slowdown_factor_ = 1;        // each slowdown_every_ requests take so many times as long
  std::uint64_t slowdown_every_ = 1;  // requests
  double slowdown_max_ = 32;          // never more than so many times the latency
  std::uint64_t slowed_ = 0;          // requests since the slowdown was set
  double event_delay_ms_ = 0;
  double event_late_ms_ = 100;
  double watch_keepalive_ms_ = 60000;  // a comment after so long without an event
  bool watch_silent_ = false;
  bool watch_without_lists_ = false;
  double stall_ms_ = 0;  // 0: until the client gives up
  bool serial_ = false;
  std::optional<std::uint64_t> freeze_after_writes_;  // still to come; none: never
};

}  // namespace standin
