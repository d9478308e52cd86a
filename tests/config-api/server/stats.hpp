#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/config-api/server/classify.hpp"

namespace standin {

/// Counts what came and what was answered; control requests are in none of it.
class Stats {
 public:
  /// A request was read.
  void arrived(const std::string& method, const Kind& kind);
  /// It ended: 0 where there was no answer.
  void ended(int status);
  /// A write was executed, whatever was answered.
  void wrote(int status);

  /// An event was sent.
  void notified() { ++events_; }
  void connected();
  void disconnected() { --connections_open_; }

  [[nodiscard]] std::uint64_t executed_writes() const { return executed_writes_; }
  [[nodiscard]] nlohmann::json as_json() const;
  /// All to zero, but for what is open or in flight now.
  void reset();

 private:
  std::uint64_t requests_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t executed_writes_ = 0;    // reached the core
  std::uint64_t successful_writes_ = 0;  // and were answered 200 by it
  std::uint64_t events_ = 0;             // sent to streams
  std::uint64_t in_flight_ = 0;
  std::uint64_t in_flight_peak_ = 0;
  std::optional<std::chrono::steady_clock::time_point> last_ended_;
  std::uint64_t connections_open_ = 0;
  std::uint64_t connections_peak_ = 0;
  std::uint64_t connections_accepted_ = 0;
  std::map<std::string, std::uint64_t> by_method_;
  std::map<std::string, std::map<std::string, std::uint64_t>> by_type_;  // type or action → method
  std::map<std::string, std::uint64_t> by_status_;                       // "0": no answer
};

}  // namespace standin
