#include "tests/config-api/server/stats.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace standin {

void Stats::arrived(const std::string& method, const Kind& kind) {
  ++requests_;
  if (kind.write) ++writes_;
  ++by_method_[method];
  ++by_type_[kind.what][method];
  in_flight_peak_ = std::max(in_flight_peak_, ++in_flight_);
}

void Stats::ended(int status) {
  --in_flight_;
  last_ended_ = std::chrono::steady_clock::now();
  ++by_status_[std::to_string(status)];
}

void Stats::wrote(int status) {
  ++executed_writes_;
  if (status == 200) ++successful_writes_;
}

void Stats::connected() {
  ++connections_accepted_;
  connections_peak_ = std::max(connections_peak_, ++connections_open_);
}

nlohmann::json Stats::as_json() const {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const auto idle = [&]() -> nlohmann::json {
    if (!last_ended_ || in_flight_ > 0) return nullptr;
    return Milliseconds(std::chrono::steady_clock::now() - *last_ended_).count();
  };
  return {
      {"requests", requests_},
      {"writes", writes_},
      {"executed_writes", executed_writes_},
      {"successful_writes", successful_writes_},
      {"in_flight", in_flight_},
      {"in_flight_peak", in_flight_peak_},
      {"idle_ms", idle()},
      {"events", events_},
      {"connections", {{"open", connections_open_}, {"peak", connections_peak_}, {"accepted", connections_accepted_}}},
      {"by_method", by_method_},
      {"by_type", by_type_},
      {"by_status", by_status_}};
}

void Stats::reset() {
  Stats fresh;
  fresh.in_flight_ = fresh.in_flight_peak_ = in_flight_;
  fresh.connections_open_ = fresh.connections_peak_ = connections_open_;
  *this = fresh;
}

}  // namespace standin
