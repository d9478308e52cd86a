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

  // Before the first report; the engine must retain the observer.
  void watch(const Engine& engine) { engine_ = &engine; }
  void operator()(const Report& report) const;

  // Sets the metrics that count what is there, in steps: begun with every scrape.
  Metrics::Refresh begin_refresh() const;

 private:
  void answered(const Report& report, const Entry& entry) const;
  void set_counts(const ProgressSnapshot& survey) const;
  void patched(const Report& report, const Entry& entry) const;
  // One line, unless the object had one lately, or all have had very many.
  void warn(const Entry& entry, std::string_view message, log::Fields fields) const;

  Metrics& metrics_;
  const Engine* engine_ = nullptr;
  mutable LogLimit limit_;
};

}  // namespace knm
