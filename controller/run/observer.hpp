#pragma once

#include "controller/engine/engine.hpp"
#include "controller/log/log.hpp"
#include "controller/run/log_limit.hpp"
#include "controller/serve/metrics.hpp"
#include "controller/status/progress.hpp"

namespace knm {

// Turns what the engine reports into log lines and metrics.
class Observer {
 public:
  explicit Observer(Metrics& metrics) : metrics_(metrics) {}

  // Call before the first report; the observer must outlive the engine.
  void watch(const Engine& engine) { engine_ = &engine; }
  void operator()(const Report& report) const;

  // Sets the gauges of present objects: called with every scrape.
  void set_counts() const;

 private:
  void answered(const Report& report, const Entry& entry) const;
  void patched(const Report& report, const Entry& entry) const;
  // Logs a line, unless the object had one lately, or there are too many in all.
  void warn(const Entry& entry, std::string_view message, log::Fields fields) const;

  Metrics& metrics_;
  const Engine* engine_ = nullptr;
  mutable LogLimit limit_;
};

}  // namespace knm
